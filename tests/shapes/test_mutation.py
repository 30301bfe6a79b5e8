"""The shapes themselves are tested: whatever is loosened in one, a case of it notices.

In CI the rules that changed since the base revision and twenty loosenings drawn from all; with
DIALOGUE_DRAWS=all every one, with a number as many. The seed is in the name of the test:
DIALOGUE_SEED repeats a draw. DIALOGUE_BASE names the revision to compare with.
"""

import os
import random
import secrets
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePath

import pyoxigraph as ox
import pytest
from mutants import Mutant, Rules, loosened
from overlay import CASES, ROOT, TODAY, base, breaking, expected, foci, laid_over, name

from app.rdf.parser import Syntax, read
from app.record import inference
from app.record.record import Record
from app.validation.validator import Validation

DRAWS = os.environ.get("DIALOGUE_DRAWS", "20")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(4)
# Every process of one run draws the same.
SEED = os.environ.get("DIALOGUE_SEED") or RUN[:8]

ELSEWHERE = {
    'Address-postCodeForm: without REGEX(STR(?code), "^[0-9A-Z]")': (
        "Address-postCode/in-words.trig"
    ),
    "Conference-apart: without ?begins <= ?otherEnds": (
        "Conference-order/before-its-predecessor.trig"
    ),
    "Evidence-decided: without FILTER(?value != ?other)": "Evidence-otherConflict/with-itself.trig",
    'Evidence-named: without CONTAINS(STR(?value), "/id/evidence/")': (
        "Evidence-iri/another-kind.trig"
    ),
    "Evidence-named: without FILTER(CONTAINS(": "Evidence-source/a-document.trig",
    'Evidence-named: without CONTAINS(STR(?source), "/id/source/")': (
        "Evidence-source/a-document.trig"
    ),
    "Named-translated: without FILTER(REGEX(": "Dataset-inLanguage/a-name.trig",
    "Thing-oneKind: without FILTER(STRSTARTS(": "Place-iri/of-somebody-else.trig",
    "Topic-exactMatch: qualifiedValueShape/pattern from anywhere": "Topic-eurovoc/each-way.trig",
    "Version-code: without REGEX(?entry, ": "LanguageVersion-language/not-of-the-table.trig",
}
"""Conditions that keep a rule silent where another speaks: a case of that one notices instead.

Here as below, a key is a piece of what a loosening is called.
"""

EXCEPTIONS = {
    ": or[1]/not/pattern from anywhere": (
        "No address of another vocabulary contains the whole of ours."
    ),
    "qualifiedValueShape/not/pattern from anywhere: ^https://w3id": (
        "No address of another vocabulary contains the whole of ours."
    ),
    "Conference-iri: pattern to anywhere": (
        "dsh:Event-iri asks the same end of every conference and is told in its place."
    ),
    "Rank-precedence: without !BOUND(?place)": (
        "What has no place has, to EXISTS, that of every other rank."
    ),
    "State-isFocusOf: qualifiedValueShape/pattern from anywhere": (
        "What stands before the address of a table is told by dsh:Focus-authority."
    ),
    "State-notation: maxCount 2 for 1": (
        "A second code has a language, which dsh:Code-plain tells, or is not the end of the state's"
        " name, which dsh:State-iriCode does."
    ),
    "State-notation: without maxCount 1": "The same of any number of codes.",
    "State-notation: pattern to anywhere": (
        "A longer code is not the end of the state's name, which dsh:State-iriCode tells."
    ),
    "Topic-matched: qualifiedValueShape/pattern from anywhere": (
        "What stands before the address of a concept is told by dsh:Topic-eurovoc."
    ),
    "Thing-oneKind: without STR(?one) < STR(?other)": (
        "It keeps a pair from being told twice, which is one finding all the same."
    ),
    "Thing-type: not for targetSubjectsOf adoptedAt": (
        "The event adopted, by a rule, what has no class, and dsh:Thing-described tells that."
    ),
    "Thing-type: not for targetSubjectsOf partOf": (
        "The whole has, by a rule, a part without a class, and dsh:Thing-described tells that."
    ),
}
"""Loosenings that no case can notice without breaking another shape too, and why."""


def rules_of(texts: Iterable[tuple[str, str]]) -> Rules:
    """The rules in the texts of shapes, each with the path of its file."""
    documents = [read(text, path, Syntax.TURTLE) for path, text in texts]
    ontology = [quad.triple for quad in inference.quads(base().ontology)]
    return Rules([quad.triple for quad in inference.quads(documents)], ontology)


@cache
def rules() -> Rules:
    return rules_of((d.path, d.text) for d in base().shapes)


@cache
def mutants() -> dict[str, Mutant]:
    found = [mutant for rule in rules().names for mutant in rules().mutants(rule)]
    assert len({str(mutant) for mutant in found}) == len(found)
    return {str(mutant): mutant for mutant in found}


def git(*arguments: str) -> str | None:
    """What git answers in this repository; nothing where there is none, or no git."""
    try:
        answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return answer.stdout if answer.returncode == 0 else None


def base_revision() -> str | None:
    """The revision from which the work here started; nothing where git knows none."""
    named = os.environ.get("DIALOGUE_BASE")
    here = (git("rev-parse", "HEAD") or "").strip()
    for revision in [named] if named else ["origin/main", "main", "HEAD~1"]:
        forked = (git("merge-base", "HEAD", revision) or "").strip()
        if forked and forked != here:
            return forked
    return None


def changed(revision: str | None) -> set[str]:
    """The names of the rules that ask something else than at a revision, or have other cases."""
    if revision is None:
        return set()
    names = (git("ls-tree", "--name-only", revision, "shapes/") or "").split()
    before = rules_of((path, git("show", f"{revision}:{path}") or "") for path in names)
    then = {rule.value: before.constraints(rule) for rule in before.names}
    found = {r.value for r in rules().names if rules().constraints(r) != then.get(r.value)}
    files = (git("diff", "--name-only", revision, "--", "tests/cases") or "").split()
    return {rule.rpartition("#")[2] for rule in found} | {PurePath(f).parts[2] for f in files}


def drawn() -> list[str]:
    """The loosenings to try: those of rules that changed, and some drawn from all."""
    everything = list(mutants())
    if DRAWS == "all":
        return everything
    touched = changed(base_revision())
    own = [text for text, mutant in mutants().items() if mutant.shape in touched]
    draws = random.Random(SEED).sample(everything, min(int(DRAWS), len(everything)))
    return sorted({*own, *draws})


@cache
def record(case: Path | None) -> Record:
    return base() if case is None else laid_over(case)


def found(mutant: Mutant, case: Path | None) -> list[str]:
    """The nodes that a loosened rule, alone, finds at fault in a case; none: the small record."""
    text = ox.serialize(mutant.triples, format=ox.RdfFormat.N_TRIPLES).decode()
    shapes = read(text, "shapes.nt", Syntax.N_TRIPLES)
    checked = Validation(replace(record(case), shapes=(shapes,)), TODAY).check(lambda _: None)
    assert checked.faults == ()
    return foci(checked.findings)


def noticed(mutant: Mutant) -> bool:
    """Whether a case of the rule, or the small record, tells the loosened rule from the rule."""
    cases: Sequence[Path] = sorted((CASES / mutant.shape).iterdir())
    own = any(found(mutant, case) != expected()[name(case)] for case in cases)
    return own or found(mutant, None) != []


def of(mutant: str, table: dict[str, str]) -> str | None:
    return next((told for piece, told in table.items() if piece in mutant), None)


@pytest.mark.parametrize("text", drawn(), ids=lambda text: f"{text} [seed {SEED}]")
def test_a_case_notices_whatever_is_loosened_in_its_shape(text: str) -> None:
    mutant = mutants()[text]
    if case := of(text, ELSEWHERE):
        assert found(mutant, CASES / case) != []
        assert not noticed(mutant), "its own cases notice it now: no other is needed"
    elif of(text, EXCEPTIONS):
        assert not noticed(mutant), "a case notices it now: it is no exception any more"
    else:
        assert noticed(mutant)


@pytest.mark.parametrize("piece", [*ELSEWHERE, *EXCEPTIONS])
def test_what_is_excepted_is_a_loosening_that_exists(piece: str) -> None:
    assert [text for text in mutants() if piece in text]


def test_every_rule_that_shapes_can_check_is_loosened_in_some_way() -> None:
    assert {mutant.shape for mutant in mutants().values()} == {
        rule.value.rpartition("#")[2] for rule in rules().names
    }


def test_a_rule_that_is_not_loosened_finds_what_its_cases_say() -> None:
    """Else every loosening would be noticed, whatever the cases hold."""
    for rule in random.Random(SEED).sample(rules().names, 10):
        mutant = rules().untouched(rule)
        cases = breaking(mutant.shape)
        assert [found(mutant, case) for case in cases] == [expected()[name(c)] for c in cases]
        assert found(mutant, None) == []


def test_a_changed_rule_is_told_from_one_that_is_only_worded_anew() -> None:
    texts = {d.path: d.text for d in base().shapes}
    (path,) = (p for p in texts if PurePath(p).name == "events.ttl")
    worded = rules_of([(path, texts[path].replace("A conference has a date.", "It has one."))])
    looser = rules_of([(path, texts[path].replace("sh:minInclusive 1 ;", "sh:minInclusive 0 ;"))])
    same = rules_of([(path, texts[path])])

    def differing(other: Rules) -> list[str]:
        pairs = zip(same.names, other.names, strict=True)
        return [
            a.value.rpartition("#")[2]
            for a, b in pairs
            if same.constraints(a) != other.constraints(b)
        ]

    assert differing(worded) == []
    assert differing(looser) == ["Conference-ordinal"]


def test_a_query_is_loosened_filter_by_filter_and_arm_by_arm() -> None:
    query = '{ ?a ?b ?c FILTER(?c > 1 && (?c IN ("&&", 2) || ?d)) FILTER NOT EXISTS { ?a ?c ?b } }'
    assert dict(loosened(query)) == {
        'without FILTER(?c > 1 && (?c IN ("&&", 2) || ?d))': (
            "{ ?a ?b ?c  FILTER NOT EXISTS { ?a ?c ?b } }"
        ),
        "without ?c > 1": (
            '{ ?a ?b ?c FILTER( (?c IN ("&&", 2) || ?d)) FILTER NOT EXISTS { ?a ?c ?b } }'
        ),
        'without (?c IN ("&&", 2) || ?d)': (
            "{ ?a ?b ?c FILTER(?c > 1 ) FILTER NOT EXISTS { ?a ?c ?b } }"
        ),
        'without ?c IN ("&&", 2)': (
            "{ ?a ?b ?c FILTER(?c > 1 && ( ?d)) FILTER NOT EXISTS { ?a ?c ?b } }"
        ),
        "without ?d": (
            '{ ?a ?b ?c FILTER(?c > 1 && (?c IN ("&&", 2) )) FILTER NOT EXISTS { ?a ?c ?b } }'
        ),
        "without FILTER NOT EXISTS { ?a ?c ?b }": (
            '{ ?a ?b ?c FILTER(?c > 1 && (?c IN ("&&", 2) || ?d))  }'
        ),
        'without "&&"': (
            "{ ?a ?b ?c FILTER(?c > 1 && (?c IN ( 2) || ?d)) FILTER NOT EXISTS { ?a ?c ?b } }"
        ),
        "without 2": (
            '{ ?a ?b ?c FILTER(?c > 1 && (?c IN ("&&") || ?d)) FILTER NOT EXISTS { ?a ?c ?b } }'
        ),
    }
