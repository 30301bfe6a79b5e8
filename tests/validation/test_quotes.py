"""Quotes name what they prove, in whatever language and spelling, and tell what has come about."""

import shutil
from pathlib import Path

import pytest
from overlay import BASE, ROOT

from app.namespaces import DSH
from app.record import inference
from app.record.record import Record, read_record
from app.validation.findings import Breach
from app.validation.locations import Index
from app.validation.rules import quotes

NAMES = """
ev:editors.900 {
    state:PRT
        skos:hiddenLabel "portugais"@fr ;
        skos:prefLabel "البرتغال"@ar ;
    .
    person:ana-teste
        skos:altLabel "آنا تستة"@ar ;
    .
    conf:forum-2
        dlg:ordinalLabel "deuxième" ;
    .
}

ev:editors.900
    a dlg:Evidence ;
    dlg:source source:editors ;
    dlg:stance dlg:editorial ;
.
"""
PREFIXES = """
@prefix conf: <https://w3id.org/dialogue/id/conference/> .
@prefix dlg: <https://w3id.org/dialogue/ontology#> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix ev: <https://w3id.org/dialogue/id/evidence/> .
@prefix event: <https://w3id.org/dialogue/id/event/> .
@prefix person: <https://w3id.org/dialogue/id/person/> .
@prefix place: <https://w3id.org/dialogue/id/place/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/dialogue/id/source/> .
@prefix state: <https://w3id.org/dialogue/id/state/> .
@prefix topic: <https://w3id.org/dialogue/id/topic/> .
"""


def breaches(folder: Path, facts: str, words: str, stance: str = "accepted") -> list[Breach]:
    """Return what is said against a passage with these facts and words in the small record."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    for part in ("ontology", "shapes"):
        (folder / part).symlink_to(ROOT / part)
    passage = f"""
ev:page.900 {{ {facts} }}
ev:page.900
    a dlg:Evidence ;
    dlg:quote {words} ;
    dlg:source source:page ;
    dlg:stance dlg:{stance} ;
.
"""
    (folder / "data" / "passage.trig").write_text(PREFIXES + NAMES + passage, encoding="utf-8")
    record = read_record(folder)
    return list(quotes.breaches(record, held(record)))


def held(record: Record) -> Index:
    stances = inference.stances(inference.quads(record.data))
    return Index(
        (*record.data, *record.ontology),
        lambda graph: (
            graph == inference.DEFAULT or bool(stances.get(graph, frozenset()) & inference.HELD)
        ),
    )


def told(found: list[Breach]) -> list[tuple[str, str]]:
    assert {breach.focus.value for breach in found} <= {  # type: ignore[union-attr]
        "https://w3id.org/dialogue/id/evidence/page.900"
    }
    return [(breach.shape.value.removeprefix(str(DSH)), breach.detail) for breach in found]


HOST = "conf:forum-1 dlg:hostState state:PRT ."
OFFICE = 'person:ana-teste dlg:holdsOffice "Minister"@en .'
SECOND = "conf:forum-2 dlg:ordinal 2 ."
DAY = 'conf:forum-1 dlg:date "2015-05-19"^^edtf:EDTF-level1 .'
YEAR = 'conf:forum-1 dlg:date "2015"^^edtf:EDTF-level1 .'


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (HOST, '"PORTUGAL played the host."@en'),
        (HOST, '"Les ministres portugaises accueillaient."@fr'),
        (HOST, '"استضاف بالبرتغال"@ar'),
        (OFFICE, '"Mme Téste, ministre"@fr'),
        (OFFICE, '"وقالت آنا تسته"@ar'),
        (SECOND, '"The 2nd meeting"@en'),
        (SECOND, '"La II. reunión"@es'),
        (SECOND, '"La Deuxième réunion"@fr'),
        (SECOND, '"الاجتماع ٢"@ar'),
        (DAY, '"le 19 mai 2015"@fr'),
        (DAY, '"on Tuesday the 19th"@en'),
        (DAY, '"١٩ ماي"@ar'),
        (YEAR, '"some time in 2015"@en'),
        ('conf:forum-1 dlg:date "201X"^^edtf:EDTF-level1 .', '"in that decade"@en'),
    ],
    ids=lambda text: text.split(" ", 1)[-1][:40].encode("ascii", "backslashreplace").decode(),
)
def test_a_thing_is_named_in_any_of_its_words(tmp_path: Path, facts: str, words: str) -> None:
    assert told(breaches(tmp_path, facts, words)) == []


@pytest.mark.parametrize(
    ("facts", "words", "detail"),
    [
        (HOST, '"France played the host."@en', "PRT is not in the quote."),
        # What begins a word begins it at its beginning.
        (HOST, '"Les antiportugais accueillaient."@fr', "PRT is not in the quote."),
        (OFFICE, '"The minister, testeria"@en', "ana-teste is not in the quote."),
        (SECOND, '"The 12th meeting"@en', "2 is not in the quote."),
        (SECOND, '"The XII meeting"@en', "2 is not in the quote."),
        (DAY, '"in May 2015"@en', "19 is not in the quote."),
        (YEAR, '"some time in 2016"@en', "2015 is not in the quote."),
        (
            'conf:forum-1 dlg:date "2015-05-19/2015-05-20"^^edtf:EDTF-level1 .',
            '"on 19 May"@en',
            "20 is not in the quote.",
        ),
    ],
    ids=lambda text: text.split(" ", 1)[-1][:40],
)
def test_what_a_quote_does_not_name_is_told(
    tmp_path: Path, facts: str, words: str, detail: str
) -> None:
    assert told(breaches(tmp_path, facts, words)) == [("Quote-names", detail)]


@pytest.mark.parametrize("stance", ["inferred", "editorial", "disputed", "rejected", "superseded"])
def test_only_what_is_accepted_has_to_be_named(tmp_path: Path, stance: str) -> None:
    assert told(breaches(tmp_path, HOST, '"France was there."@en', stance)) == []


def test_what_a_table_says_is_not_asked_for_words(tmp_path: Path) -> None:
    assert told(breaches(tmp_path, HOST, '"The host"@en ; dlg:record "Host: PT"')) == []


RUI = """
person:rui-exemplo a dlg:Person ; dlg:holdsOffice "Minister"@en ; skos:prefLabel "Rui Exemplo"@en .
"""


@pytest.mark.parametrize(
    ("words", "stance", "expected"),
    [
        ("Ana Teste came.", "inferred", ["Quote-person"]),
        ("Ana Teste came.", "accepted", ["Quote-person", "Quote-names"]),
        ("Ana Teste came.", "rejected", []),
        ("Ana Teste and Mr Exemplo came.", "accepted", []),
        # A last name alone may be anybody's.
        ("Teste is the Portuguese word.", "inferred", []),
        ("He came.", "inferred", []),
    ],
)
def test_the_name_of_another_proves_nobody(
    tmp_path: Path, words: str, stance: str, expected: list[str]
) -> None:
    found = told(breaches(tmp_path, RUI, f'"{words}"@en', stance))
    assert [shape for shape, _ in found] == expected
    assert [d for s, d in found if s == "Quote-person"] == [
        "The quote names Ana Teste, not Rui Exemplo."
    ] * ("Quote-person" in expected)


TOPIC = "conf:forum-{0} dlg:topic topic:road-safety ."


@pytest.mark.parametrize(
    ("number", "words", "ahead"),
    [
        (1, '"They will meet."@en', "will meet"),
        (1, '"Elle se tiendra à Lisbonne."@fr', "se tiendra"),
        (1, '"L’ordre est bon, et à l’ordre du jour."@fr', "à l'ordre du jour"),
        (1, '"الاجتماع المقبل"@ar', "المقبل"),
        (1, '"They met."@en', None),
        # The words of one language are not looked for in another.
        (1, '"Elle se tiendra à Lisbonne."@en', None),
        # A plan is proved by its announcement.
        (3, '"They will meet."@en', None),
    ],
    ids=lambda part: str(part)[:30].encode("ascii", "backslashreplace").decode(),
)
def test_an_announcement_does_not_prove_what_came_about(
    tmp_path: Path, number: int, words: str, ahead: str | None
) -> None:
    found = told(breaches(tmp_path, TOPIC.format(number), words))
    assert found == ([("Quote-ahead", f"“{ahead}” tells of what was to come.")] if ahead else [])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "The Parties agreed.",
            [("Quote-collective", "“the Parties” stands for a group: PRT is not in the quote.")],
        ),
        ("The Parties, Portugal among them, agreed.", []),
        ("They agreed.", [("Quote-names", "PRT is not in the quote.")]),
    ],
)
def test_a_group_is_not_each_of_its_members(
    tmp_path: Path, words: str, expected: list[tuple[str, str]]
) -> None:
    assert told(breaches(tmp_path, HOST, f'"{words}"@en')) == expected
