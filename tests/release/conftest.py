"""Releases that the tests of the formats read: of the small record, and of RDF that is hard."""

from pathlib import Path

import pytest
from website import RECORD

from app.record.record import read_record
from app.release.build import build
from app.release.bundle import bundle
from app.release.formats import rdf as rdf_formats

BASE = "https://example.org/"
FORMATS = [*(one.name for one in rdf_formats.WRITERS), "gzip"]
OF_ANY = [one for one in FORMATS if one != "rdf12"]
ODD = """\
@prefix e: <http://e.org/> .
@prefix place: <http://e.org/place/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

e:place a owl:ObjectProperty .
place:a a e:Place, e:class ; e:place place:b, place:a ; e:name "A", "Ä"@de, "ه"@ar, "x"@en-GB .
place:b e:number 16, -3, 9007199254740993, 1.50, 1.5E0, 4.2E9, "x" ;
    e:flag true, "1"^^xsd:boolean ; e:day "2015-05-19"^^xsd:date ;
    e:mixed e:place, "e:place", "http://e.org/place/a", 5 ;
    e:text "line\\nfeed \\"quoted\\" \\\\ \\u00e9 \\U0001F600 \\t <&>" , "" ;
    e:json "{}"^^rdf:JSON ; e:class e:Place ; e:list ( 1 "two" [ e:name "three" ] ) .
place:c e:day "2015"^^xsd:gYear, "2015-05-20"^^xsd:date ;
    e:other [ e:name "inner" ; e:other place:a ] .
[] e:name "nobody" ; e:place place:a .
<http://e.org/naïve> e:see <http://e.org/a%20b>, <urn:isbn:1>, <mailto:a@e.org>, <e:x> .
e:g { place:a e:name "said"@en . place:a e:place _:shared . }
_:graph { place:a e:name "said by nobody"@en . }
_:shared e:name "shared" .
"""


@pytest.fixture(scope="package")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small record, in every format."""
    folder = tmp_path_factory.mktemp("released") / "release"
    build(read_record(RECORD), folder, formats=FORMATS, strict=False, prove=True)
    return folder


@pytest.fixture(scope="package")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RDF that is hard to write, in every format that can hold it."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "odd.trig").write_text(ODD, encoding="utf-8")
    bundle([folder / "odd.trig"], BASE, folder / "release", formats=OF_ANY, prove=True)
    return folder / "release"
