"""The catalogue: plural forms, fields, and that no text stands outside of it."""

import re
from dataclasses import replace

import pytest

from app.rdf.prefixes import PrefixMap
from app.validation.words import Labels, Words
from app.validation.words.catalogue import Catalogue, Template
from app.validation.words.catalogue_en import catalogue

from .test_words import CASES, LABELS
from .worded import PREFIXES, Worded

_FORMS = {"days": {"=0": "no day", "one": "{count} day", "other": "{count} days of {path}"}}


def _polish(number: int) -> str:
    few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    return "one" if number == 1 else "few" if few else "many"


def test_a_number_chooses_the_form() -> None:
    english = Catalogue("en", _FORMS, lambda n: "one" if n == 1 else "other")
    fields = {"path": "e:p"}
    forms = [english.text("days", fields, count) for count in (0, 1, 2)]
    assert forms == ["no day", "1 day", "2 days of e:p"]


def test_another_language_has_other_forms() -> None:
    forms = {"days": {"one": "dzień", "few": "{count} dni", "many": "{count} dnia"}}
    polish = Catalogue("pl", forms, _polish)
    assert [polish.text("days", {}, n) for n in (1, 3, 12)] == ["dzień", "3 dni", "12 dnia"]


@pytest.mark.parametrize(
    ("key", "count"), [("nights", 1), ("days", None), ("days", 2)], ids=["key", "count", "field"]
)
def test_what_is_missing_is_an_error(key: str, count: int | None) -> None:
    english = Catalogue("en", _FORMS, lambda n: "one" if n == 1 else "other")
    with pytest.raises(KeyError):
        english.text(key, {}, count)


def test_a_value_with_braces_stays_as_it_is() -> None:
    english = Catalogue("en", {"a": "{x} and {y}"}, str)
    assert english.text("a", {"x": "{y}", "y": "{0.__class__}"}) == "{y} and {0.__class__}"


# The names of what literals are that have no datatype written.
_DATATYPES = "xsd:string xsd:integer rdf:langString xsd:boolean true"


class _Recorded(dict[str, Template]):
    """Messages that remember which were asked for."""

    def __init__(self, messages: dict[str, Template]) -> None:
        super().__init__(messages)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Template:
        self.asked.add(key)
        return super().__getitem__(key)


def _words(worded: Worded, messages: Catalogue) -> Words:
    naming = worded.words._naming
    return Words(naming.shapes, naming.data, naming.labels, PrefixMap(PREFIXES), messages)


def test_every_message_is_used() -> None:
    english = catalogue()
    recorded = _Recorded(dict(english.messages))
    for case in CASES:
        for known in ("", LABELS):
            worded = Worded(case["shapes"], case["data"], known=known)
            words = _words(worded, replace(english, messages=recorded))
            for result in worded.results:
                words.sentence(result)
                words.detail(result)
    families = re.compile(r"datatype\.|month\.")
    assert (
        sorted(k for k in english.messages.keys() - recorded.asked if not families.match(k)) == []
    )


def _silenced(template: Template) -> Template:
    """Return a message with its fields alone."""
    if not isinstance(template, str):
        return {form: str(_silenced(text)) for form, text in template.items()}
    return " ".join(re.findall(r"\{\w+\}", template)) or "·"


def test_no_text_stands_outside_of_the_catalogue() -> None:
    english = catalogue()
    silent = replace(english, messages={k: _silenced(t) for k, t in english.messages.items()})
    for case in CASES:
        if case["name"] == "datatype-invalid":
            # Why a literal is not valid is worded in English by the datatypes themselves.
            continue
        worded = Worded(case["shapes"], case["data"])
        text = " ".join(_words(worded, silent).sentence(result) for result in worded.results)
        source = f"{case['shapes']} {case['data']} {PREFIXES} en {_DATATYPES}"
        strange = [w for w in re.findall(r"[a-z]{2,}", text) if w not in source]
        assert strange == [], case["name"]


def test_labels_come_from_every_graph_and_property() -> None:
    worded = Worded("e:s sh:targetNode e:a ; sh:class e:C .", "e:a a e:D .")
    graph = worded.words._naming.data
    assert Labels([graph], ["en"]).of(worded.results[0].focus) is None
    for statement in (
        'e:a rdfs:label "A"@en .',
        'e:a skos:prefLabel "A"@en .',
        'e:a dcterms:title " A\\n " .',
        'e:a sh:name "A" .',
    ):
        worded = Worded("e:s sh:targetNode e:a ; sh:class e:C .", "e:a a e:D . " + statement)
        assert worded.words._naming.labels.of(worded.results[0].focus) == "A"
