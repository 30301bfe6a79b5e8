"""The columns of a class: what shapes, ontology, rules and use know of it."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from small import CONFERENCE, lay
from tabular import E, surveyed
from tabular import lay as lay_dataset

from app.errors import Fault
from app.exports.fields import Field, columns_of, head_and
from app.exports.tables import Type
from app.namespaces import DLG
from app.record.record import read_record
from app.release import build
from app.release.columns.survey import survey as columns_of_dataset

ROOT = Path(__file__).parents[2]
HEAD = """\
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:one a :Fort ; :height 1 .
:Fort rdfs:subClassOf :Site .
"""


def columns(folder: Path, text: str, kind: str = "Fort") -> dict[str, Field]:
    """Return the columns of a class by their names, those of its type and height left out."""
    survey = surveyed(lay_dataset(folder, HEAD + text))
    fields = survey.columns(ox.NamedNode(E + kind))
    return {one.name: one for one in fields if one.name not in ("type", "height")}


def names(folder: Path, text: str) -> dict[str, tuple[str, ...]]:
    return {name: one.named_by for name, one in columns(folder, text).items()}


def test_a_property_that_only_is_used_is_a_column_that_nothing_names(tmp_path: Path) -> None:
    assert names(tmp_path, ":one :depth 3 .") == {"depth": ("use",)}


@pytest.mark.parametrize(
    "shape",
    [
        ":S sh:targetClass :Fort ; sh:property [ sh:path :depth ] .",
        ":S sh:targetClass :Site ; sh:property [ sh:path :depth ] .",
        ":S sh:targetSubjectsOf :height ; sh:property [ sh:path :depth ] .",
        ":S sh:targetSubjectsOf :depth .",
        ":S sh:targetClass :Fort ; sh:node [ sh:property [ sh:path :depth ] ] .",
        ":S sh:targetClass :Fort ; sh:or ( [ sh:path :depth ; sh:minCount 1 ] [ ] ) .",
        ":S sh:targetClass :Fort ; sh:property [ sh:path ( :depth :of ) ] .",
        ":S sh:targetClass :Fort ; sh:property [ sh:path [ sh:zeroOrMorePath :depth ] ] .",
        ":S sh:targetClass :Fort ; sh:property [ sh:path [ sh:alternativePath ( :depth :x ) ] ] .",
    ],
)
def test_a_shape_names_it_however_it_is_written(tmp_path: Path, shape: str) -> None:
    assert names(tmp_path, f":one :depth 3 . {shape}") == {"depth": ("shape", "use")}


@pytest.mark.parametrize(
    "shape",
    [
        ":S sh:targetClass :Other ; sh:property [ sh:path :depth ] .",
        ":S sh:targetSubjectsOf :width ; sh:property [ sh:path :depth ] .",
        ":S sh:targetClass :Fort ; sh:property [ sh:path [ sh:inversePath :depth ] ] .",
        ":S sh:targetClass :Fort ; sh:property [ sh:path ( :of :depth ) ] .",
    ],
)
def test_what_is_about_something_else_does_not_name_it(tmp_path: Path, shape: str) -> None:
    assert names(tmp_path, f":one :depth 3 . {shape}")["depth"] == ("use",)


def test_objects_have_the_columns_of_the_shape_that_is_about_objects(tmp_path: Path) -> None:
    text = ":two a :Site ; :within :one . :S sh:targetObjectsOf :within ;"
    assert names(tmp_path, f"{text} sh:property [ sh:path :depth ] .") == {"depth": ("shape",)}


@pytest.mark.parametrize(
    "domain", [":Fort", ":Site", "[ owl:unionOf ( :Other :Site ) ]", "[ owl:unionOf ( :Fort ) ]"]
)
def test_the_ontology_gives_a_property_to_a_class_and_those_below_it(
    tmp_path: Path, domain: str
) -> None:
    assert names(tmp_path, f":depth rdfs:domain {domain} .") == {"depth": ("domain",)}
    assert names(tmp_path, ":depth rdfs:domain :Other .") == {}


def test_a_way_of_several_that_nothing_goes_is_no_column(tmp_path: Path) -> None:
    text = ":S sh:targetClass :Fort ; sh:property [ sh:path [ sh:alternativePath ( :a :b ) ] ] ."
    assert names(tmp_path, text) == {}


def test_a_column_tells_what_its_values_are(tmp_path: Path) -> None:
    text = """
    :one :near :one , :two ; :depth 3 ; :open true ; :alias "a"@en , "b"@pt ; :mixed 1 .
    :two a :Site ; :mixed "x" .
    :two :seen :one .
    :near rdfs:label "close to"@en , "perto de"@pt ; rdfs:comment "Within a day."@en .
    :S sh:targetClass :Site ;
      sh:property [ sh:path :near ] , [ sh:path :gone ; sh:datatype xsd:date ] ,
        [ sh:path :owner ; sh:class :Person ; sh:maxCount 1 ] ,
        [ sh:path [ sh:inversePath :seen ] ] .
    """
    found = columns(tmp_path, text)
    assert {name: (f.type, f.many, f.languages, f.table) for name, f in found.items()} == {
        "near": (Type.IRI, True, (), "Site"),
        "depth": (Type.INTEGER, False, (), None),
        "open": (Type.BOOLEAN, False, (), None),
        "alias": (Type.STRING, False, ("en", "pt"), None),
        "mixed": (Type.INTEGER, False, (), None),
        "gone": (Type.DATE, False, (), None),
        "owner": (Type.IRI, False, (), None),
        "is_seen_of": (Type.IRI, False, (), "Site"),
    }
    assert found["near"].label == {"en": "close to", "pt": "perto de"}
    assert found["near"].definition == {"en": "Within a day."}
    assert found["owner"].classes == (f"{E}Person",)
    assert found["is_seen_of"].inverse
    # Of both classes together, one column has a number and a word.
    wide = columns(tmp_path, text, "Site")["mixed"]
    assert (wide.type, len(wide.datatypes)) == (Type.STRING, 2)


def heads(folder: Path, text: str, base: str | None = E, kind: str = "Stay") -> list[str]:
    """Return the names of the columns of a class of a record, as its file has them."""
    head = (
        "@prefix dc: <http://purl.org/dc/elements/1.1/> ."
        " @prefix dcterms: <http://purl.org/dc/terms/> ."
        " @prefix dlg: <https://w3id.org/dialogue/ontology#> ."
        " @prefix edtf: <http://id.loc.gov/datatypes/edtf/> ."
        " @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
        " @prefix schema: <https://schema.org/> ."
        " @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        " @prefix void: <http://rdfs.org/ns/void#> . <http://example.org/id/stay/1> a :Stay ."
    )
    prefixes = {"dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/"}
    survey = columns_of_dataset(lay_dataset(folder, HEAD + head + text), base, prefixes)
    fields = survey.columns(ox.NamedNode(E + kind))
    return [column.name for column in head_and(columns_of(fields))]


STAY = "<http://example.org/id/stay/1>"
DATED = """
:S sh:targetClass :Stay ; sh:property [ sh:path dlg:date ; sh:datatype edtf:EDTF-level1 ] .
dlg:precision rdfs:range skos:Concept .
"""


@pytest.mark.parametrize(
    "facts",
    [
        "",
        f'{STAY} dlg:date "2004/.."^^edtf:EDTF-level1 ; dlg:begins "2004-01-01"^^xsd:date ;'
        " dlg:precision dlg:year .",
        f'{STAY} dlg:date "../2010"^^edtf:EDTF-level1 ; dlg:ends "2010-12-31"^^xsd:date ;'
        ' dlg:precision dlg:year . dlg:year skos:prefLabel "to the year"@en .',
        f'{STAY} dlg:date "2004/2010"^^edtf:EDTF-level1 , "2005"^^edtf:EDTF-level1 ;'
        ' dlg:begins "2005-01-01"^^xsd:date ; dlg:ends "2005-12-31"^^xsd:date ;'
        " dlg:precision dlg:year .",
    ],
    ids=["no date", "no end", "no beginning", "two dates"],
)
def test_a_date_is_four_columns_whatever_is_known_of_it(tmp_path: Path, facts: str) -> None:
    assert heads(tmp_path, DATED + facts) == [
        "iri", "label", "type", "begins", "date", "ends", "precision", "precision_label",
    ]  # fmt: skip
    # A class to which nothing gives a date has none.
    post = "<http://example.org/id/post/1> a :Post ."
    assert heads(tmp_path, DATED + facts + post, kind="Post") == ["iri", "label", "type"]


@pytest.mark.parametrize("kind", ["Membership", "Presidency", "Conference", "Declaration"])
def test_our_ontology_gives_the_four_columns_to_what_may_have_a_date(
    tmp_path: Path, kind: str
) -> None:
    ontology = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "ontology").glob("*.ttl"))
    )
    things = "<http://example.org/id/a/1> a dlg:{} . <http://example.org/id/a/2> a dlg:Office ."
    dataset = lay_dataset(tmp_path, ontology + things.format(kind))
    survey = columns_of_dataset(dataset, E, {})
    for name, expected in ((kind, {"date", "begins", "ends", "precision"}), ("Office", set())):
        fields = survey.columns(DLG[name])
        columns = {column.name for column in head_and(columns_of(fields))}
        assert columns & {"date", "begins", "ends", "precision", "date_begins"} == expected
        assert {"iri", "label"} < columns


def test_in_rdf_of_others_days_are_worked_out_where_it_does_not_tell_them(tmp_path: Path) -> None:
    date = f'{STAY} dlg:date "2004"^^edtf:EDTF-level1 .'
    worked_out = ["date", "date_begins", "date_ends", "date_precision"]
    assert heads(tmp_path, DATED + date, None) == ["iri", "label", "type", *worked_out]
    told = f'{STAY} dlg:begins "2004-01-01"^^xsd:date ; dlg:ends "2004-12-31"^^xsd:date .'
    assert heads(tmp_path, DATED + date + told, None) == [
        "iri", "label", "type", "begins", "date", "precision", "ends",
    ]  # fmt: skip


RIGHTS = ":S sh:targetClass :Stay ; sh:property [ sh:path dcterms:rights ] ."


@pytest.mark.parametrize(
    ("declared", "facts", "expected"),
    [
        (RIGHTS, "", ["rights"]),
        (RIGHTS, f'{STAY} dcterms:rights "free" .', ["rights"]),
        # What is only used lengthens its own name.
        (RIGHTS, f'{STAY} dc:rights "free" .', ["dc_rights", "rights"]),
        # What is declared of another class counts, and what is declared and not used.
        (f"{RIGHTS} dc:rights rdfs:domain :Fort .", "", ["dcterms_rights"]),
        (f"{RIGHTS} dc:rights rdfs:domain :Fort .", f'{STAY} dcterms:rights "f" .',
         ["dcterms_rights"]),
        ("", f'{STAY} dcterms:rights "f" .', ["rights"]),
        ("", f'{STAY} dcterms:rights "f" ; dc:rights "f" .', ["dc_rights", "dcterms_rights"]),
    ],
)  # fmt: skip
def test_a_fact_renames_no_column_of_what_is_declared(
    tmp_path: Path, declared: str, facts: str, expected: list[str]
) -> None:
    assert [name for name in heads(tmp_path, declared + facts) if "rights" in name] == expected


def test_a_fact_renames_no_table_of_a_class_that_is_declared(tmp_path: Path) -> None:
    other = "<http://example.org/id/stay/2> a <http://other.example/Stay> ."
    for declared, expected in (
        (":S sh:targetClass :Stay .", {f"{E}Stay": "Stay", "http://other.example/Stay": "o_Stay"}),
        ("", {f"{E}Stay": "e_Stay", "http://other.example/Stay": "o_Stay"}),
    ):
        text = f"{HEAD}{declared} {STAY} a :Stay . {other}"
        prefixes = {"e": E, "o": "http://other.example/"}
        survey = columns_of_dataset(lay_dataset(tmp_path, text), E, prefixes)
        assert {one.iri: one.name for one in survey.classes} == expected


@pytest.mark.parametrize(
    "declaration",
    [
        ":theme rdfs:domain :Stay ; rdfs:range rdf:langString .",
        ":S sh:targetClass :Stay ; sh:property [ sh:path :theme ; sh:datatype rdf:langString ] .",
        ":S sh:targetClass :Stay ; sh:property [ sh:path :theme ; sh:uniqueLang true ] .",
        ':S sh:targetClass :Stay ; sh:property [ sh:path :theme ; sh:languageIn ( "en" "pt" ) ] .',
    ],
)
def test_a_translated_text_has_a_column_for_each_language_of_the_dataset(
    tmp_path: Path, declaration: str
) -> None:
    in_languages = (
        ':dataset a void:Dataset ; void:uriSpace "http://example.org/" ;'
        ' schema:inLanguage "en" , "pt" .'
    )
    before = [name for name in heads(tmp_path, declaration + in_languages) if "theme" in name]
    assert before == ["theme@en", "theme@pt"]
    used = f'{declaration}{in_languages} {STAY} :theme "mer"@fr .'
    assert [name for name in heads(tmp_path, used) if "theme" in name] == [
        "theme@en", "theme@fr", "theme@pt",
    ]  # fmt: skip


def test_a_text_whose_languages_nothing_tells_has_its_columns_with_its_first_values(
    tmp_path: Path,
) -> None:
    declaration = ":theme rdfs:domain :Stay ; rdfs:range rdf:langString ."
    assert "theme" not in "".join(heads(tmp_path, declaration))
    assert "theme@fr" in heads(tmp_path, f'{declaration} {STAY} :theme "mer"@fr .')
    # What may be without a language is a column of that name.
    assert "theme" in heads(tmp_path, ":theme rdfs:domain :Stay ; rdfs:range xsd:string .")


def test_what_stands_in_the_release_reads_back_as_it_was(tmp_path: Path) -> None:
    fields = columns(tmp_path, ':one :near :one ; :alias "a"@en .')
    assert [Field.from_json(one.to_json()) for one in fields.values()] == [*fields.values()]


def test_a_record_whose_property_nothing_names_is_no_release(tmp_path: Path) -> None:
    root = lay(tmp_path / "in")
    build.build(read_record(root), tmp_path / "out", formats=[], strict=True)
    data = CONFERENCE.replace("dlg:place place:lisbon ;", "dlg:place place:lisbon ;\n dlg:hue 5 ;")
    (root / "data/conferences/one.trig").write_text(data, encoding="utf-8")
    with pytest.raises(Fault) as fault:
        build.build(read_record(root), tmp_path / "other", formats=[], strict=True)
    line = data.splitlines().index(" dlg:hue 5 ;") + 1
    assert str(fault.value) == (
        f"{root}/data/conferences/one.trig:{line}:2: dlg:hue of a dlg:Conference: no shape and no"
        " domain names it"
    )
    assert not (tmp_path / "other").exists()
    # Who only looks at it is not stopped.
    build.build(read_record(root), tmp_path / "other", formats=[])
    assert b"hue" in (tmp_path / "other" / "columns.json").read_bytes()


def test_what_a_rule_concludes_is_named_by_it(tmp_path: Path) -> None:
    text = (
        ":page a :Passage ; <https://w3id.org/dialogue/ontology#stance> :held . :one :depth 3 ."
        " :d <https://w3id.org/dialogue/ontology#derivedBy> :rule . :d { :one :depth 3 . }"
    )
    assert names(tmp_path, text) == {"depth": ("rule", "use")}
    assert names(tmp_path, f"{text} :two a :Fort ; :depth 4 .") == {"depth": ("use",)}
