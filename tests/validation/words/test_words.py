"""Each component in words: what is asked, what is there, and the remedy where it is sure."""

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from app.namespaces import SH
from app.rdf.prefixes import PrefixMap
from app.validation.engines import native
from app.validation.engines.native.vocabulary import COMPONENTS
from app.validation.words import Detail, Labels, Words
from app.validation.words.catalogue_en import catalogue
from app.validation.words.words import COMPONENTS as WITH_SENTENCE
from app.validation.words.words import LONGEST

from ..engines.native import drawn
from .worded import PREFIXES, Worded

_TABLE = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = _TABLE["case"]
LABELS: str = _TABLE["labels"]
JARGON = re.compile(
    r"Constraint|\bsh:|Literal\(|NamedNode|[Nn]ode shape|[Pp]roperty shape|minCount"
)
DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "200"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_result_reads_with_labels_and_without(case: dict[str, Any]) -> None:
    assert Worded(case["shapes"], case["data"], known=LABELS).sentences == case["labelled"]
    assert Worded(case["shapes"], case["data"]).sentences == case["bare"]


def test_every_component_has_a_sentence() -> None:
    assert {component.value.removeprefix(str(SH)) for component in WITH_SENTENCE} == COMPONENTS


def test_the_table_has_every_component_that_gives_results() -> None:
    seen = {r.component for c in CASES for r in Worded(c["shapes"], c["data"]).results}
    # A property shape gives results of its own; what SHACL-AF adds is not run.
    never = {SH[f"{name}ConstraintComponent"] for name in ("Property", "JS", "Expression")}
    assert WITH_SENTENCE - seen == never


def test_what_never_gives_results_reads_well_nevertheless() -> None:
    worded = Worded("e:s sh:targetNode e:a ; sh:class e:C .", "e:a a e:D .")
    (result,) = worded.results
    for name, sentence in {
        "Property": "e:a does not meet the rule “days”.",
        "JS": "e:a breaks the rule e:s.",
        "Expression": "e:a breaks the rule e:s.",
        "Unheard": "e:a breaks the rule e:s.",
    }.items():
        worded = Worded(
            "e:s sh:targetNode e:a ; sh:class e:C ; sh:property _:p . "
            '_:p sh:path e:date ; sh:name "days" .',
            "e:a a e:D .",
        )
        shape = worded.words._naming.shapes.objects(result.shape, SH.property)[0]
        parameters = ((SH.property, shape),) if name == "Property" else ()
        other = replace(result, component=SH[f"{name}ConstraintComponent"], parameters=parameters)
        assert worded.words.sentence(other) == sentence


def test_no_sentence_speaks_of_the_engine() -> None:
    for case in CASES:
        worded = Worded(case["shapes"], case["data"])
        for text in (*worded.sentences, *_texts(worded)):
            assert not JARGON.search(text)
    assert JARGON.search("MinCountConstraintComponent")
    assert JARGON.search("The sh:path is missing.")


def test_words_of_the_user_s_own_are_repeated_whatever_they_are() -> None:
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:property [ sh:path sh:name ; sh:minCount 1 ] .", "e:a e:x 1 ."
    )
    assert worded.sentences == ["e:a needs at least one sh:name, and has none."]


def _texts(worded: Worded) -> Iterator[str]:
    def inside(details: tuple[Detail, ...]) -> Iterator[str]:
        for detail in details:
            yield detail.text
            yield from inside(detail.inner)

    for result in worded.results:
        yield from inside(worded.words.detail(result))


@settings(max_examples=DRAWS, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn.pairs())
def test_every_result_that_is_drawn_reads_in_one_line(pair: drawn.Pair) -> None:
    plan = native.compile_shapes(pair.shapes)
    data = native.Graph(pair.data)
    words = Words(
        plan.graph, data, Labels([plan.graph, data], ["en"]), PrefixMap(PREFIXES), catalogue()
    )
    for result in native.evaluate(plan, data):
        waiting = [Detail(words.sentence(result), result, words.detail(result))]
        while waiting:
            detail = waiting.pop()
            waiting += detail.inner
            assert 0 < len(detail.text) <= LONGEST
            assert detail.text.isprintable()
            assert not JARGON.search(detail.text)
            assert "  " not in detail.text


def test_long_and_broken_texts_are_cut_and_stay_in_one_line() -> None:
    long = "word " * 2000
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:in "
        f'( "{long}1" "{long}2" "{long}3" "{long}4" "{long}5" "{long}6" "{long}7" ) ] .',
        f'e:a e:p """line\\nfeed\\u0007 \\u202E {long}""" .',
    )
    (sentence,) = worded.sentences
    assert sentence.startswith("The e:p “line feed� � word word")
    assert len(sentence) == LONGEST
    assert sentence.endswith("…")
    assert sentence.isprintable()


def test_what_cannot_be_seen_is_nowhere() -> None:
    hidden = "\\u202E"
    worded = Worded(
        f'e:s rdfs:label "{hidden}rule" ; sh:targetNode e:a ; sh:node [ rdfs:label "{hidden}inner'
        '" ; sh:closed true ] ; sh:property [ sh:path e:p ; sh:datatype xsd:date ; sh:name '
        f'"{hidden}day" ] ; sh:property [ sh:path e:q ; sh:datatype e:own ] .',
        f'e:a e:p "2015{hidden}\\n-05"^^xsd:date ; e:q "{hidden}q" .',
    )
    assert sorted(worded.sentences) == [
        "The e:q “�q” has to be a value of e:own, and is text (xsd:string).",
        "The �day (e:p) cannot be read: “2015\\u202e\\n-05” is no xsd:date: "
        "write a day such as 2015-05-19.",
        "e:a does not meet the rule “�inner”.",
    ]


def test_a_long_address_is_cut_in_the_middle() -> None:
    iri = "http://far.example/" + "x" * 3000 + "/end"
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:nodeKind sh:Literal ] .",
        f"e:a e:p <{iri}> .",
    )
    (sentence,) = worded.sentences
    assert sentence.startswith("The e:p <http://far.example/xxxx")
    assert "…" in sentence
    assert "/end> has to be" in sentence


def test_nothing_is_said_of_data_in_order() -> None:
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:date ; sh:minCount 1 ; sh:or "
        "( [ sh:datatype xsd:date ] [ sh:class e:Day ] ) ] .",
        'e:a e:date "2015-05-19"^^xsd:date .',
    )
    assert worded.sentences == []


def test_the_labels_are_those_of_the_reader() -> None:
    shapes = "e:s sh:targetNode e:a ; sh:property [ sh:path e:date ; sh:minCount 1 ] ."
    for languages, label in ((["fr-CA", "en"], "début"), (["de"], "start"), (["en"], "start")):
        worded = Worded(shapes, "e:a a e:Meeting .", languages, known=LABELS)
        assert worded.sentences == [
            f"The meeting needs at least one {label} (e:date), and has none."
        ]


def test_the_shape_names_its_property_before_others_do() -> None:
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:date ; sh:minCount 1 ; "
        'sh:name "first day"@en ] .',
        "e:a a e:Meeting .",
        known=LABELS,
    )
    assert worded.sentences == ["The meeting needs at least one first day (e:date), and has none."]


OR = (
    "e:s sh:targetNode e:a ; sh:property [ sh:path e:date ; sh:or "
    "( [ sh:datatype xsd:date ] e:Days ) ] . "
    'e:Days rdfs:label "shape of days"@en ; sh:class e:Day ; '
    "sh:property [ sh:path e:x ; sh:minCount 1 ; sh:maxCount 0 ] ."
)


def _shown(details: tuple[Detail, ...], indent: str = "") -> list[str]:
    return [
        line
        for detail in details
        for line in (indent + detail.text, *_shown(detail.inner, indent + "  "))
    ]


def test_each_alternative_says_why_it_is_not_met() -> None:
    worded = Worded(OR, "e:a e:date e:b . e:b a e:Night .")
    (result,) = worded.results
    assert _shown(worded.words.detail(result)) == [
        "Alternative 1 of 2: to be a date (xsd:date)",
        "  e:b has to be a date (xsd:date), and is an address (IRI).",
        "Alternative 2 of 2: shape of days (e:Days)",
        "  e:b needs the type e:Day, and has another: e:Night.",
        "  The e:Night needs at least one e:x, and has none.",
    ]


def test_what_fails_inside_a_rule_inside_a_rule_is_told() -> None:
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:property [ sh:path e:date ; sh:node [ sh:property "
        "[ sh:path e:day ; sh:node [ sh:property [ sh:path e:hour ; sh:minCount 2 ] ] ] ] ] .",
        "e:a e:date e:b . e:b e:day e:c . e:c e:hour 5 .",
    )
    (result,) = worded.results
    assert _shown(worded.words.detail(result)) == [
        "The e:day e:c has to have at least 2 values of e:hour, but that is not the case.",
        "  e:c needs at least 2 values of e:hour, and has only one: 5.",
    ]


def test_queries_inside_of_rules_are_told_once_each() -> None:
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:node e:Inside . e:Inside sh:sparql "
        '[ rdfs:label "Nothing"@en ; '
        'sh:select "SELECT $this ?o { $this <http://example.org/p> ?o }" ] .',
        "e:a e:p 1, 2 .",
    )
    (result,) = worded.results
    assert len(result.inner) == 2
    assert _shown(worded.words.detail(result)) == ["e:a breaks the rule “Nothing”."]


def test_an_alternative_tells_equal_reasons_once() -> None:
    worded = Worded(
        "e:s sh:targetNode e:a ; sh:or ( [ sh:path e:p ; sh:lessThan e:q ] [ sh:class e:C ] ) .",
        "e:a e:p 5 ; e:q 1, 2 .",
    )
    (result,) = worded.results
    assert len(result.inner) == 3
    assert _shown(worded.words.detail(result)) == [
        "Alternative 1 of 2",
        "  The e:p 5 has to be less than the e:q, which is 1.",
        "Alternative 2 of 2: to be of the type e:C",
        "  e:a needs the type e:C, and has none.",
    ]


def test_what_must_not_be_met_has_nothing_inside() -> None:
    worded = Worded("e:s sh:targetNode e:a ; sh:not [ sh:class e:C ] .", "e:a a e:C .")
    (result,) = worded.results
    assert worded.words.detail(result) == ()
