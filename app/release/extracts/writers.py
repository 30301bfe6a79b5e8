"""Files of a release for everybody's tools, from what the queries of each extract tell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.exports.extracts import BY_SUFFIX, DOCUMENTS, NETWORK, SOURCES, ends
from app.release.extracts.answers import origin, told
from app.release.folder import add
from app.release.material import Advance, Distribution, Material, Writer


@dataclass(frozen=True)
class _File:
    """A file of a release: one or all of the queries of an extract, all that they tell."""

    name: str
    title: str
    suffix: str
    queries: tuple[str, ...] = ()

    def content(self, material: Material) -> bytes:
        """Return the bytes of the file."""
        extract = BY_SUFFIX[self.suffix]
        queries = self.queries or extract.queries
        found = [thing for query in queries for thing in told(material, query)]
        beside = told(material, extract.beside, subject=ends(found)) if extract.beside else []
        return extract.write(found, origin(material, date.fromisoformat(material.day)), beside)

    def distribution(self) -> Distribution:
        """Return what the dataset says of the file."""
        return Distribution(self.name, BY_SUFFIX[self.suffix].media, self.title)


def _writer(name: str, *files: _File) -> Writer:
    return Writer(
        name,
        tuple(file.distribution() for file in files),
        _writing(files),
        of_record=True,
        differences=_differences(files),
    )


def _writing(files: Sequence[_File]) -> Callable[[Material, Advance], None]:
    def write(material: Material, advance: Advance) -> None:
        for number, file in enumerate(files):
            add({file.name: file.content(material)}, material.folder)
            advance((number + 1) / len(files))

    return write


def _differences(files: Sequence[_File]) -> Callable[[Material], Iterator[str]]:
    def differences(material: Material) -> Iterator[str]:
        for file in files:
            path = material.folder / file.name
            if not path.is_file() or path.read_bytes() != file.content(material):
                yield f"{file.name}: holds something else than the dataset tells"

    return differences


_NETWORKS = dict(
    zip(
        NETWORK,
        ("Who took part in what", "Who belongs to what", "Which document leads to which"),
        strict=True,
    )
)
WRITERS: tuple[Writer, ...] = (
    _writer(
        "calendar", _File("calendar.ics", "The events whose days are known, as a calendar", "ics")
    ),
    _writer(
        "csl",
        _File("sources.csl.json", "The sources, for programs that cite", "csl.json", (SOURCES,)),
        _File(
            "documents.csl.json", "The documents, for programs that cite", "csl.json", (DOCUMENTS,)
        ),
    ),
    _writer(
        "bibtex",
        _File("sources.bib", "The sources as BibTeX", "bib", (SOURCES,)),
        _File("documents.bib", "The documents as BibTeX", "bib", (DOCUMENTS,)),
    ),
    _writer(
        "networks",
        *(
            file
            for query in NETWORK
            for name in [f"networks/{query.removeprefix('network_')}"]
            for file in (
                _File(f"{name}.graphml", f"{_NETWORKS[query]}, as a network", "graphml", (query,)),
                _File(f"{name}.csv", f"{_NETWORKS[query]}, an edge a row", "edges.csv", (query,)),
            )
        ),
    ),
    _writer("skos", _File("topics.ttl", "The topics and all schemes, in SKOS alone", "ttl")),
    _writer(
        "quickstatements",
        _File(
            "wikidata.quickstatements.txt",
            "What Wikidata may lack, as commands of QuickStatements",
            "quickstatements.txt",
        ),
        _File("wikidata.left-out.csv", "What cannot be told to Wikidata, and why", "left-out.csv"),
    ),
    _writer(
        "geojson",
        _File("places.geojson", "The places with coordinates, and the events at them", "geojson"),
    ),
)
