"""The blocks of a text that are about given subjects: all of them, and little else."""

import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rdf import blocks
from app.rdf.parser import Statement, Syntax, read

EX = "http://example.org/"
HEAD = "@prefix ex: <http://example.org/> .\n"


def whole(text: str, syntax: Syntax) -> set[tuple[int, ...]]:
    return {statement[1:] for statement in read(text, "", syntax, EX + "file").statements}


def about(text: str, syntax: Syntax, *names: str) -> list[Statement]:
    """Return what is cut out about subjects, and make sure that all of it is in the text."""
    cut = blocks.about(text, syntax, [ox.NamedNode(EX + name) for name in names], EX + "file")
    assert cut is not None
    assert {statement[1:] for statement in cut.statements} <= whole(text, syntax)
    return cut.statements


def objects(found: list[Statement]) -> list[str]:
    return sorted(getattr(s.quad.object, "value", "") for s in found)


@pytest.mark.parametrize("count", [10, 5000])
def test_of_a_large_text_only_what_is_asked_for_is_read(count: int) -> None:
    rows = [
        f'ex:s{n} a ex:T ;\n  ex:label "s{n}. ex:s7 a ex:U ." ; ex:to ex:s7 .' for n in range(count)
    ]
    text = HEAD + "\n".join(rows)
    assert objects(about(text, Syntax.TURTLE, "s7")) == [EX + "T", EX + "s7", "s7. ex:s7 a ex:U ."]
    lines = "".join(f"<{EX}s{n}> <{EX}p> <{EX}s7> .\n" for n in range(count))
    assert objects(about(lines, Syntax.N_TRIPLES, "s7")) == [EX + "s7"]
    graphs = HEAD + "\n".join(f"ex:s7 {{ {row} }}" for row in rows)
    assert len(about(graphs, Syntax.TRIG, "s7")) == 3
    one = HEAD + "ex:s7 {\n" + "\n".join(rows) + "\n}"
    assert len(about(one, Syntax.TRIG, "s7")) == 3


def test_many_subjects_are_found_as_few_are() -> None:
    names = [f"s{n}" for n in range(0, 600, 2)]
    rows = [f"ex:s{n} ex:p {n} ; ex:q 'ex:s1 ex:p 9 .' ." for n in range(600)]
    expected = {str(n) for n in range(0, 600, 2)} | {"ex:s1 ex:p 9 ."}
    text = HEAD + "\n".join(rows)
    assert set(objects(about(text, Syntax.TURTLE, *names))) == expected
    graph = HEAD + "ex:s2 {\n" + "\n".join(rows) + "\n}"
    assert set(objects(about(graph, Syntax.TRIG, *names))) == expected
    lines = "".join(f"<{EX}s{n}> <{EX}p> <{EX}o{n}> .\r# <{EX}s2>\n" for n in range(600))
    found = objects(about(lines, Syntax.N_TRIPLES, *names))
    assert sorted(found) == sorted(f"{EX}o{n}" for n in range(0, 600, 2))


TEXTS = {
    "long strings": """
ex:a ex:p \"""
ex:s ex:p 9 .
\"""@en , \'\'\'

ex:s ex:p 9 . \'\'\' .
ex:s ex:p 1 .""",
    "a long string in one's own": 'ex:s ex:p """. ex:s ex:p 9 .\n\n""" ; ex:q 1 .',
    "strings with marks in them": r"""
ex:a ex:p "\". ex:s" , '\'. ex:s ex:p 9 . ' .
ex:s ex:p 1 .""",
    "comments": "ex:a ex:p 2 . # ex:s ex:p 9 .\n# it's\nex:s # \"\n ex:p 1 .",
    "iris with marks in them": "ex:a ex:p <http://e/#'.> .\nex:s ex:p <http://e/#;.x> , 1 .",
    "names with full stops": """
ex:a.b ex:p.q ex:c.d . ex:s ex:p ex:s.t , 1.5 , 1 .ex:s.t ex:p 2 .""",
    "no space at all": "ex:a ex:p <x>.ex:s ex:p 1.<s>ex:q 2.",
    "lone blocks": "[] ex:p 2 . [ ex:p 3 ] .\n( 1 2 ) ex:p ex:s . ex:s ex:p 1 .",
    "what is inside brackets": """
ex:a ex:p [ ex:q ex:s ; ex:r ( ex:s 1 ) ] . ex:s ex:p [ ex:q 1 ] .""",
    "directives in between": """
ex:a ex:p 2 .
PREFIX e: <http://example.org/s>
e: e: 1 .
@base <http://example.org/> .
<s> <p> 2 .
BASE <http://other.example/>
<s> <p> 3 .""",
    "prefixes with two meanings": """
ex:s ex:p 1 .
@prefix ex: <http://other.example/> .
ex:s ex:p 9 .
@prefix ex: <http://example.org/> .
ex:s ex:p 2 .""",
    "words of directives elsewhere": """
ex:prefix ex:base "PREFIX ex: <x>" ; ex:p "x"@base , "y"@prefix .
ex:s ex:p 1 .""",
    "carriage returns": "ex:a ex:p 2 .\r# c\rex:s ex:p 1 .\r\n\r\nex:s ex:p 2 .",
    "several subjects in a line": """
ex:s ex:p 1 . ex:a ex:p ex:s . ex:s ex:p 2 ; ex:q 3 ; . ex:b ex:p 4 .""",
}
GRAPHS = {
    "graphs": """
ex:a { ex:s ex:p 1 . ex:b ex:p 2 } ex:s { ex:a ex:p ex:s . } GRAPH ex:s { ex:s ex:p 3 }""",
    "no graph": "{ ex:s ex:p 1 } ex:s ex:p 2 . { ex:a ex:p ex:s . ex:s ex:p 3 . }",
    "braces in strings": """
ex:g { ex:a ex:p "}" ; ex:q \"""{
}\""" , '{' . # {
ex:s ex:p 1 } # {""",
    "directives between graphs": """
ex:g{ex:s ex:p 1}PREFIX ex: <http://other.example/>
ex:g { ex:s ex:p 9 }""",
}


@pytest.mark.parametrize("many", [0, 100])
@pytest.mark.parametrize("window", [8, 4096])
@pytest.mark.parametrize("name", [*TEXTS, *GRAPHS])
def test_everything_about_a_subject_is_found_where_the_whole_reader_finds_it(
    name: str, window: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "_WINDOW", window)
    monkeypatch.setattr(blocks, "MANY", many)
    text = HEAD + {**TEXTS, **GRAPHS}[name]
    for syntax in (Syntax.TRIG,) if name in GRAPHS else (Syntax.TURTLE, Syntax.TRIG):
        subject = ox.NamedNode(EX + "s")
        expected = [
            s for s in read(text, "", syntax, EX + "file").statements if s.quad.subject == subject
        ]
        found = [s for s in about(text, syntax, "s") if s.quad.subject == subject]
        assert sorted(s[1:] for s in found) == sorted(s[1:] for s in expected) != []
        assert about(text, syntax, "nothing") == []


def test_what_cannot_be_cut_is_left_to_the_whole_reader() -> None:
    subject = [ox.NamedNode(EX + "s")]
    assert blocks.about(HEAD + "ex:s e:p 1 .", Syntax.TURTLE, subject) is None
    assert blocks.about(HEAD + "ex:s ex:p 1 .", Syntax.TURTLE, subject) is not None
    # What is wrong elsewhere does not matter.
    assert blocks.about(HEAD + "ex:a e:p 1 . ex:s ex:p 1 .", Syntax.TURTLE, subject) is not None


PIECES = [
    "ex:s ex:p {n} .",
    "ex:a ex:p ex:s , {n} .",
    'ex:s\n ex:p [ ex:q ex:s ; ex:r ( {n} ) ] ;\n ex:q "it\'s {n}. \\" " .',
    'ex:a ex:p """\nex:s ex:p {n} . # "" \\"""" .',
    "# ex:s ex:p {n} . '\"\n",
    "ex:s.x ex:p {n} .",
    "<s> <p> {n}.",
    "_:s ex:p {n} .",
    "\n\n",
    "@prefix e{n}: <http://example.org/s> .\ne{n}: ex:p {n} .",
    "BASE <http://example.org/>\n",
    "<http://example.org/s> ex:p '{n}' .",
]


@given(st.integers(0, 10**6), st.integers(4, 64))
@settings(max_examples=150)
def test_texts_put_together_at_random_are_cut_as_they_are_read(seed: int, window: int) -> None:
    chance = random.Random(seed)
    parts = [chance.choice(PIECES).replace("{n}", str(n)) for n in range(chance.randrange(1, 30))]
    syntax = chance.choice([Syntax.TURTLE, Syntax.TRIG])
    if syntax is Syntax.TRIG:
        parts = [
            chance.choice(["ex:s { %s }", "{%s}", "GRAPH <g> {\n%s}"]) % part
            if chance.random() < 0.3 and not part.startswith(("@", "BASE", "#"))
            else part
            for part in parts
        ]
    text = HEAD + chance.choice(["\n", " \n", "\r\n"]).join(parts)
    subject = ox.NamedNode(EX + "s")
    expected = [
        s for s in read(text, "", syntax, EX + "file").statements if s.quad.subject == subject
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_WINDOW", window)
        patch.setattr(blocks, "MANY", window % 2 * 100)
        found = [s for s in about(text, syntax, "s") if s.quad.subject == subject]
    assert sorted(s[1:] for s in found) == sorted(s[1:] for s in expected)
