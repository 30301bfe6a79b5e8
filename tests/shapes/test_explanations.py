"""What a rule asks, a case that breaks it and the mend: facts beside every shape that finds.

The case is no prose that could go stale: it is a case of the shape, which another test lays over
the small record and holds to break exactly this shape.
"""

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from overlay import CASES, ROOT, base, breaking

from app.namespaces import BASE, DLG, RDF, SH, SKOS
from app.record import inference
from app.record.record import read_record

LANGUAGES = ["en", "fr", "pt"]
TEXTS = SH.description, DLG.remedy
PASSAGE = """
{0}
    a dlg:Evidence ;
    dlg:quote "The page says so."@en ;
    dlg:source source:page ;
    dlg:stance dlg:accepted ;
.
"""
BLOCK = re.compile(r"(?m)^(ev:page\.[0-9]{3}) \{\n((?:    .*\n)*)\}\n")
PREFIX = re.compile(r"(?m)^@prefix (\S+): <([^>]*)> \.\n")
FOR_MACHINES = re.compile(
    r"(?i)(?<![\w:])(sparql|shacl|pyshacl|rdflib|oxigraph|triples?|triplets?|literals?|"
    # A prefix and the text of a question are written with these words themselves.
    r"littéra(l|ux)|blank nodes?|focus|regex|sh:(?!ask|construct|declare|prefixes|select)\w+)\b"
)
OURS = re.compile(r"\b(dlg|dsh):([A-Za-z][\w-]*)")


@cache
def said() -> dict[ox.NamedNode, dict[ox.NamedNode, list[ox.Literal]]]:
    """What the shapes say, of those that can be the source of a finding."""
    about: dict[ox.NamedNode, dict[ox.NamedNode, list[ox.Literal]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for subject, predicate, value, _ in inference.quads(read_record(ROOT).shapes):
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.Literal):
            about[subject][predicate].append(value)
    return {shape: texts for shape, texts in sorted(about.items(), key=str) if SH.message in texts}


@cache
def known_prefixes() -> frozenset[tuple[str, str]]:
    """The prefixes that the small record, our ontology and our shapes use, each in one meaning."""
    files = {pair for document in base().documents for pair in document.prefixes.items()}
    return frozenset(base().prefixes.items()) | files


def shown(case: Path) -> str:
    """Return what of a case is shown to somebody who asks about its shape.

    Prefixes that everybody uses are left out. Facts under the passage that may be used for
    anything are shown without it; where the passage itself is the matter, it stays.
    """
    if case.is_dir():
        files = sorted(path for path in case.rglob("*") if path.is_file())
        texts = [f"# {path.relative_to(case)}\n{_short(path.read_text())}" for path in files]
        return "\n".join(texts)
    text = _short(case.read_text())
    described = {name: PASSAGE.format(name) for name, _ in BLOCK.findall(text)}
    if not described or any(block not in text for block in described.values()):
        return text
    for block in described.values():
        text = text.replace(block, "")
    return BLOCK.sub(lambda found: re.sub(r"(?m)^    ", "", found[2]), text)


def _short(text: str) -> str:
    def kept(found: re.Match[str]) -> str:
        return "" if found.groups() in known_prefixes() else found[0]

    return PREFIX.sub(kept, text).lstrip("\n")


def name(shape: ox.NamedNode) -> str:
    return shape.value.rpartition("#")[2]


@pytest.mark.parametrize("shape", said(), ids=name)
def test_a_rule_says_what_it_asks_and_how_it_is_mended_in_three_languages(
    shape: ox.NamedNode,
) -> None:
    for predicate in TEXTS:
        texts = said()[shape][predicate]
        assert sorted(str(text.language) for text in texts) == LANGUAGES, predicate
        for text in texts:
            assert re.fullmatch(r"[A-ZÀ-Ý“«‹\"].*[.?]", text.value), text
            assert "FILL-IN" not in text.value
            assert "  " not in text.value, text


@pytest.mark.parametrize("shape", said(), ids=name)
def test_the_example_is_a_case_of_the_shape(shape: ox.NamedNode) -> None:
    (example,) = said()[shape][SKOS.example]
    assert example.language is None
    assert example.value in [shown(case) for case in breaking(name(shape))]


def test_no_text_is_a_message_again_and_no_two_texts_are_the_same() -> None:
    messages = {m.value.strip(".?") for texts in said().values() for m in texts[SH.message]}
    texts = [t for about in said().values() for p in TEXTS for t in about[p]]
    assert [t for t in texts if any(m in t.value for m in messages)] == []
    assert [t for t, count in Counter(t.value for t in texts).items() if count > 1] == []


def test_no_text_speaks_of_engines() -> None:
    texts = [t.value for about in said().values() for p in TEXTS for t in about[p]]
    assert [t for t in texts if FOR_MACHINES.search(t)] == []


@pytest.mark.parametrize("word", ["SPARQL", "two triples", "un littéral", "sh:minCount"])
def test_a_text_that_spoke_of_engines_would_be_found(word: str) -> None:
    assert FOR_MACHINES.search(f"Write {word}.")


def test_every_term_of_ours_that_a_mend_names_is_defined_or_made_up_for_a_case() -> None:
    record = read_record(ROOT)
    known = {q.subject for document in record.ontology for q in document.quads} | set(said())
    spaces = {"dlg": f"{BASE}ontology#", "dsh": f"{BASE}shapes#"}
    cases = "".join(case.read_text() for case in CASES.rglob("*.t*") if case.is_file())
    known |= {ox.NamedNode(spaces[prefix] + local) for prefix, local in OURS.findall(cases)}
    for shape, about in said().items():
        for text in (t for p in TEXTS for t in about[p]):
            for prefix, local in OURS.findall(text.value):
                term = ox.NamedNode(spaces[prefix] + local)
                assert term in known, (name(shape), term)


def test_the_three_languages_name_the_same_terms() -> None:
    for shape, about in said().items():
        for predicate in TEXTS:
            named = {str(t.language): set(OURS.findall(t.value)) for t in about[predicate]}
            assert named["fr"] == named["en"] == named["pt"], (name(shape), predicate, named)


def test_the_property_that_mends_is_one_of_our_vocabulary() -> None:
    kinds = {
        quad.object
        for document in read_record(ROOT).ontology
        for quad in document.quads
        if quad.subject == DLG.remedy and quad.predicate == RDF.type
    }
    assert kinds == {ox.NamedNode("http://www.w3.org/2002/07/owl#DatatypeProperty")}
