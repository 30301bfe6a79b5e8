"""The names that the European table of file types has for the formats of files.

http://publications.europa.eu/resource/authority/file-type
"""

from collections.abc import Mapping

from app.rdf.formats import GZIP_SUFFIX, TEXT, of_file

FILE_TYPES: Mapping[str, str] = {
    "atom": "ATOM",
    "bib": "TXT",
    "csv": "CSV",
    "geojson": "GEOJSON",
    "graphml": "XML",
    "ics": "ICS",
    "json": "JSON",
    "jsonld": "JSON_LD",
    "nq": "RDF_N_QUADS",
    "nt": "RDF_N_TRIPLES",
    "parquet": "PARQUET",
    "rdf": "RDF_XML",
    "trig": "RDF_TRIG",
    "ttl": "RDF_TURTLE",
    "xlsx": "XLSX",
    "xml": "XML",
}


def file_type(name: str) -> str:
    """Return the name of a file's format in the European table of file types, by its suffix.

    >>> file_type("dialogue.nq.gz"), file_type("dialogue.sqlite"), file_type("LICENSE")
    ('RDF_N_QUADS', 'BIN', 'TXT')
    """
    suffix = name.removesuffix(GZIP_SUFFIX).rpartition(".")[2]
    return FILE_TYPES.get(suffix, "TXT" if of_file(f".{suffix}") == TEXT else "BIN")
