"""Where the text of a question is at fault: at its own line, as the file has it."""

from dataclasses import replace

import pytest
from overlay import base

from app.rdf.parser import Syntax, read
from app.validation.rules.questions import runnable

HEAD = """\
@prefix question: <https://w3id.org/dialogue/id/question/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

question:one
"""


@pytest.mark.parametrize(
    ("written", "detail", "place"),
    [
        (
            '    sh:select """SELECT ?a WHERE {\n  ?a dlg:b )\n}\n""" ;\n.\n',
            "It cannot be read from its line 2, column 12, on.",
            (6, 12),
        ),
        (
            '    sh:select """SELECT ?a WHER {}""" ;\n.\n',
            "It cannot be read from its line 1, column 16, on.",
            (5, 33),
        ),
        (
            '    sh:select "SELECT ?a WHER {}" ;\n.\n',
            "It cannot be read from its line 1, column 16, on.",
            (5, 15),
        ),
        (
            '    sh:ask """SELECT * {}""" ;\n.\n',
            "Its answer is not yes or no, as ASK does.",
            (5, 15),
        ),
        (
            '    sh:ask """ASK { SERVICE <http://a.example/> { ?a ?b ?c } }""" ;\n.\n',
            "It asks a service elsewhere: remove SERVICE.",
            (5, 15),
        ),
    ],
)
def test_a_fault_is_told_at_its_place(written: str, detail: str, place: tuple[int, int]) -> None:
    document = read(HEAD + written, "one.trig", Syntax.TRIG)
    (breach,) = runnable(replace(base(), data=(*base().data, document)))
    assert breach.detail == detail
    assert (breach.places[0].line, breach.places[0].column) == place


def test_a_text_that_can_be_run_is_no_fault() -> None:
    text = HEAD + '    sh:select """SELECT ?a WHERE {\n  ?a dlg:b "SERVICE"\n}\n""" ;\n.\n'
    document = read(text, "one.trig", Syntax.TRIG)
    assert list(runnable(replace(base(), data=(*base().data, document)))) == []
