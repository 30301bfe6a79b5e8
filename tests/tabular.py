"""A dataset of odd values as tables, and what it says, counted from its quads alone.

A fact is a thing, a property, a value and a language. What another's program reads of the tables is
made into facts again, by what `tables.json` says of the columns, and compared whole.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import pyoxigraph as ox

from app.exports import csvw
from app.exports.tables import DataTable
from app.namespaces import RDF, RDFS, XSD
from app.release.columns import survey as columns
from app.release.columns.survey import ReleaseColumns
from app.release.formats.table_rows import tables

Fact = tuple[str, str, str, str]
Facts = dict[str, set[Fact]]
Rows = Iterable[Mapping[str, Any]]

E = "http://example.org/"
TABLES = "http://tables.example/"
"""Where the tables lie, for what is written relative to that: the names of blank nodes are."""
PREFIXES = {"e": E, "dlg": "https://w3id.org/dialogue/ontology#"}
ODD = """\
@prefix : <http://example.org/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix other: <http://other.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

:Fort rdfs:subClassOf :Site .
:one a :Fort ; skos:prefLabel "Um, \\"dois\\"; três | quatro"@pt , "One"@en ; :height 12 ;
    :built "1650-XX"^^edtf:EDTF-level1 , "1650"^^edtf:EDTF-level1 , "1649/1651"^^edtf:EDTF-level1 ;
    :near :two , :three ; :open true ; :area 12.5 ; :seen "2020-02-29"^^xsd:date ;
    :owner :ana ; :code "007" , "=1+1" , "a | b" ; :note "two\\nlines\\r\\nand, \\"more\\"" .
:two a :Site ; skos:prefLabel "Two"@en ; :height -3 ; :built "1700"^^edtf:EDTF-level1 ; :near :one ;
    :open false ; :code "+351" ; :owner :guild ; :mixed 5 ; other:height "tall"@en .
:three a :Site ; :closest :one ; rdfs:label "Drei"@de ; :mixed "five" ; :note "@here" ;
    :seen "2021-12-31"^^xsd:date .
:ana a :Person ; rdfs:label "Ana" ; :alias "A"@en , "B"@en , "A"@pt .
:guild a :Guild ; rdfs:label "The guild"@en ; :part _:part .
_:part a :Part ; :height 1 .
:named a :Rejected , :sqlite_master , :search_data .
:hard a :Hard ;
    :text "x"@en , "y" ; :whole 007 , 7 ; :decimal 1.0 , 1.00 ; :double 1e0 , 1.0e0 ;
    :fine 0.1 , 0.10000000000000000001 ; :truth true , "1"^^xsd:boolean ; :huge 1e999 ; :plus +7 ;
    :sorts "x" , 1 , :one , _:part ; :words "x"@en , :one ; :blank "" , "x" ; :nothing "" ;
    :alike "1" , 1 ; :same "http://example.org/one" , :one ; :see-also 5 ; :_id 6 ;
    :turned "x"@ar--rtl , "x"@ar--ltr , "x"@ar .

:page.1 { :one :height 12 ; :near :two , :three . }
:page.1 a :Passage ; dlg:stance dlg:accepted ; dlg:source :page ; dlg:quote "twelve high"@en .
:page.2 { :one :height 13 . }
:page.2 a :Passage ; dlg:stance dlg:rejected ; dlg:source :page ; dlg:quote "thirteen"@en ;
    skos:editorialNote "It says twelve elsewhere."@en .
:page.3 { :one :near :two . }
:page.3 a :Passage ; dlg:stance dlg:inferred ; dlg:source :book .
:two :near :one .
:derivation.1 { :two :near :one . }
:derivation.1 dlg:derivedBy :rule ; dlg:premise :page.3 ; dlg:stance dlg:inferred .
"""


def lay(folder: Path, text: str = ODD) -> Path:
    """Write the dataset of a text (TriG) into a folder as a release has it: lines, sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    quads = ox.parse(text, format=ox.RdfFormat.TRIG, rename_blank_nodes=False)
    lines = sorted({f"{quad} .\n" for quad in quads})
    (folder / "dialogue.nq").write_text("".join(lines), encoding="utf-8")
    return folder


def surveyed(folder: Path, base: str | None = None) -> ReleaseColumns:
    """Return the columns of the dataset in a folder."""
    return columns.survey(folder, base, PREFIXES)


def tabulated(folder: Path, text: str = ODD) -> tuple[DataTable, ...]:
    """Write the tables of a dataset into `folder/tables`, with their metadata."""
    made = tables(surveyed(lay(folder, text)), folder / "tables")
    (folder / "tables" / "tables.json").write_bytes(csvw.metadata(made, "Odd"))
    return made


def truth(dataset: Path, classes: Iterable[str]) -> Facts:
    """Return what a dataset says of the things of each class, those of classes below it too.

    A class below counts where both are of one vocabulary.
    """
    default = [
        quad.triple
        for quad in ox.parse(path=str(dataset), format=ox.RdfFormat.N_QUADS)
        if isinstance(quad.graph_name, ox.DefaultGraph)
    ]
    below: dict[str, set[str]] = defaultdict(set)
    for subject, predicate, value in default:
        if predicate == RDFS.subClassOf and _space(str(subject)) == _space(str(value)):
            below[_iri(value)].add(_iri(subject))
    facts: Facts = {}
    for kind in classes:
        wide = {kind}
        while wide < (more := wide.union(*(below[one] for one in wide))):
            wide = more
        things = {s for s, p, o in default if p == RDF.type and _iri(o) in wide}
        facts[kind] = {
            (_iri(s), p.value, _written(o), _language(o)) for s, p, o in default if s in things
        }
    return facts


def recovered(folder: Path, read: Callable[[str], Rows]) -> dict[str, set[Fact]]:
    """Return the facts that the tables of each class tell; `read` gives the rows of a table.

    Classes are named as their tables are.
    """
    metadata = json.loads((folder / "tables" / "tables.json").read_text(encoding="utf-8"))
    facts: dict[str, set[Fact]] = defaultdict(set)
    for table in metadata["tables"]:
        name = table["url"].removesuffix(".csv")
        schema = table["tableSchema"]
        if "aboutUrl" not in schema:
            continue
        about = unquote(schema["aboutUrl"].removeprefix("{+").removesuffix("}"))
        values = [one for one in schema["columns"] if "propertyUrl" in one]
        for row in read(name):
            for column in values:
                value = row[column["titles"]]
                # A row beside is of one value, which may be a text of no characters.
                if "--" in name or (value is not None and value != ""):
                    tag = column.get("lang") or row.get("language") or ""
                    text = as_text("" if value is None else value)
                    facts[name.partition("--")[0]].add(
                        (row[about], column["propertyUrl"], text, str(tag))
                    )
    return dict(facts)


def converted(folder: Path) -> set[ox.Triple]:
    """Return what the tables of a folder are as RDF (csv2rdf, W3C, 17 December 2015, minimal mode).

    As far as our metadata goes: no null but the empty cell, no lists, no virtual columns.
    """
    metadata = json.loads((folder / "tables" / "tables.json").read_text(encoding="utf-8"))
    triples = set()
    for table in metadata["tables"]:
        schema = table["tableSchema"]
        with (folder / "tables" / table["url"]).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, strict=True):
                cells = {one["name"]: row[one["titles"]] for one in schema["columns"]}
                for one in schema["columns"]:
                    if cells[one["name"]] and not one.get("suppressOutput"):
                        subject = ox.NamedNode(_expanded(schema["aboutUrl"], cells))
                        predicate = ox.NamedNode(one["propertyUrl"])
                        triples.add(ox.Triple(subject, predicate, _node(one, cells)))
    return triples


def _expanded(template: str, cells: Mapping[str, str]) -> str:
    filled = re.sub(r"\{\+([^}]+)\}", lambda match: cells[match[1]], template)
    return urljoin(TABLES, filled) if filled.startswith("_:") else filled


def _node(column: Mapping[str, Any], cells: Mapping[str, str]) -> ox.NamedNode | ox.Literal:
    if "valueUrl" in column:
        return ox.NamedNode(_expanded(column["valueUrl"], cells))
    value, datatype = cells[column["name"]], column["datatype"]
    if datatype == "string" and "lang" in column:
        return ox.Literal(value, language=column["lang"])
    name = XSD[datatype].value if isinstance(datatype, str) else datatype["@id"]
    return ox.Literal(value, datatype=ox.NamedNode(name))


def as_text(value: object) -> str:
    """Return a value of Python as the literal that it is: numbers as the shortest that is equal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return repr(float(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value)


def whole(folder: Path, made: Iterable[DataTable]) -> dict[str, set[Fact]]:
    """Return what the dataset of a folder says, by the names of the tables of its classes."""
    survey = surveyed(folder)
    names = {one.iri: one.name for one in survey.classes}
    facts = truth(folder / "dialogue.nq", names)
    assert {table.name for table in made} >= set(names.values())
    return {names[kind]: told for kind, told in facts.items() if told}


def _space(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/"))]


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _written(term: object) -> str:
    return term.value if isinstance(term, ox.Literal) else _iri(term)


def _language(term: object) -> str:
    if not isinstance(term, ox.Literal) or not term.language:
        return ""
    return f"{term.language}--{term.direction}" if term.direction else term.language
