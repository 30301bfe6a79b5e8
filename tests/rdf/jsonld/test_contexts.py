"""Contexts of JSON-LD from local files."""

import json
import time

import pyoxigraph as ox
import pytest

from app.errors import ParseFault
from app.rdf.jsonld.contexts import with_contexts
from app.rdf.places import Wanted, statements
from app.rdf.source import Source

CONTEXTS = {
    "http://c/p": '{"@context": {"p": "http://v/p"}}',
    "http://c/many": '{"@context": [{"q": "http://v/q", "@base": "http://no/"}, "p", "/r"]}',
    "http://c/r": '{"@context": {"r": {"@id": "http://v/r", "@context": "p"}}}',
    "http://c/import": '{"@context": {"@version": 1.1, "@import": "p", "s": "http://v/s"}}',
    "http://c/circle": '{"@context": "http://c/circle2"}',
    "http://c/circle2": '{"@context": ["circle"]}',
    "http://c/broken": '{"@context": ',
    "http://c/none": '{"p": "http://v/p"}',
    "http://c/empty": '{"@context": []}',
    "http://c/hole": '{"@context": "http://elsewhere/"}',
    "http://base/own": '{"@context": {"p": "http://v/own"}}',
}


def said(text: str) -> list[str]:
    """Return the statements of a text, and make sure that each is found where it is written."""
    source = Source("x", text, ox.RdfFormat.JSON_LD, "http://base/doc", CONTEXTS)
    quads = list(source.quads())
    wanted = Wanted(frozenset((q.subject, q.predicate, q.object) for q in quads))  # type: ignore[misc]
    for statement in statements(source, wanted, lambda: quads):
        value = json.JSONDecoder().raw_decode(text, statement.object)[0]
        if isinstance(statement.quad.object, ox.Literal):
            assert value == statement.quad.object.value
        assert text[statement.predicate : statement.predicate + 2] in ('"p', '"q', '"r', '"s')
    return sorted(f"{q.predicate.value} {getattr(q.object, 'value', '')}" for q in quads)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ('"http://c/p"', ["http://v/p v"]),
        ('"own"', ["http://v/own v"]),
        ('["http://c/p", {"q": "http://v/qq"}]', ["http://v/p v", "http://v/qq w"]),
        ('"http://c/many"', ["http://v/p v", "http://v/q w", "http://v/r http://base/o"]),
        (
            '[{"q": "x:y"}, "http://c/many"]',
            ["http://v/p v", "http://v/q w", "http://v/r http://base/o"],
        ),
        ('["http://c/empty", "http://c/p"]', ["http://v/p v"]),
        ('{"@import": "http://c/p", "q": "http://v/q"}', ["http://v/p v", "http://v/q w"]),
        ('"http://c/import"', ["http://v/p v", "http://v/s z"]),
        ('{"r": {"@id": "http://v/r", "@context": ["http://c/p"]}}', ["http://v/r http://base/o"]),
        ("null", []),
    ],
)
def test_a_context_is_put_in_the_place_of_its_reference(context: str, expected: list[str]) -> None:
    text = (
        f'{{"@context": {context}, "@id": "http://s",\n'
        ' "p": "v", "q": "w", "r": {"@id": "o"}, "s": "z"}'
    )
    assert said(text) == expected


def test_a_scoped_context_may_be_remote_in_a_remote_one() -> None:
    text = '{"@context": "http://c/r", "@id": "x:s", "r": {"@id": "x:o", "p": "v"}, "p": "w"}'
    assert said(text) == ["http://v/p v", "http://v/r x:o"]


LARGE = {
    "@vocab": "dct:",
    "dct": "http://dct/",
    "xsd": "http://xsd/",
    "p": {"@id": "x:p", "@type": "xsd:date"},
    "x": "y:z/",
    "y": "http://y/",
    "Kind": {"@id": "x:Kind", "@context": {"q": {"@id": "x:q", "@type": "@vocab"}}},
    "Good": "x:Good",
    "unused": "gone:x",
    **{f"term{n}": {"@id": f"x:term{n}", "@type": "@id"} for n in range(500)},
}


@pytest.mark.parametrize("several", [False, True])
def test_of_a_large_context_only_what_is_used_is_put_in_place(several: bool) -> None:
    document = (
        '{"@context": ["http://c/large"], "@id": "x:s", "@type": "Kind", "p": "v", "q": "Good",'
        ' "other": {"@id": "term7:a"}, "term8": "y:o"}'
    )
    context: object = LARGE
    if several:
        half = list(LARGE.items())
        context = [dict(half[:7]), {}, dict(half[7:])]
    contexts = {"http://c/large": json.dumps({"@context": context})}
    text = "[" + ", ".join([document] * 300) + "]"
    cut = with_contexts(text, contexts).text
    assert len(cut) < 5 * len(text)
    assert '"term9"' not in cut
    whole = document.replace('"http://c/large"', json.dumps(LARGE))
    expected = list(ox.parse(whole, ox.RdfFormat.JSON_LD)) * 300
    assert list(Source("x", text, ox.RdfFormat.JSON_LD, None, contexts).quads()) == expected
    # Where a name may be written in another way, all is put in place.
    escaped = document.replace('"p"', '"\\u0070"')
    found = list(Source("x", escaped, ox.RdfFormat.JSON_LD, None, contexts).quads())
    assert found == expected[: len(found)]
    assert '"term9"' in with_contexts(escaped, contexts).text


JSON = {"@id": "http://v/j", "@type": "@json"}
VALUE = {"@context": ["http://no/", {"@import": "http://no/"}], "b": [{"@context": "http://no/"}]}


@pytest.mark.parametrize(
    ("context", "key", "value"),
    [
        ({"j": JSON}, "j", VALUE),
        ({"j": JSON}, "j", [VALUE, VALUE]),
        ({}, "http://v/j", {"@type": "@json", "@value": VALUE}),
        ("http://c/json", "j", VALUE),
        (["http://c/p", "http://c/json"], "j", VALUE),
        ({"@version": 1.1, "@import": "http://c/json"}, "j", VALUE),
    ],
)
def test_a_context_in_a_json_literal_is_none(
    context: object, key: str, value: dict[str, object] | list[object]
) -> None:
    contexts = {**CONTEXTS, "http://c/json": json.dumps({"@context": {"j": JSON}})}
    text = json.dumps({"@context": context, "@id": "x:s", key: value})
    (quad,) = Source("x", text, ox.RdfFormat.JSON_LD, None, contexts).quads()
    assert isinstance(quad.object, ox.Literal)
    assert quad.predicate.value == "http://v/j"
    inner = value.get("@value", value) if isinstance(value, dict) else value
    assert json.loads(quad.object.value) == inner
    # Beside it, a context is one.
    nested = json.dumps({"@context": context, "@id": "x:s", "http://v/o": {"@context": "gone"}})
    with pytest.raises(ParseFault, match="the context gone is not fetched"):
        with_contexts(nested, contexts)


def test_scoped_contexts_take_a_time_that_grows_with_their_number_alone() -> None:
    def seconds(count: int) -> float:
        terms = {f"t{n}": {"@id": f"x:{n}", "@context": {}} for n in range(count)}
        text = json.dumps({"@context": terms})
        start = time.process_time()
        assert with_contexts(text, {}).text == text
        return time.process_time() - start

    # The square would be four hundred times as much.
    assert seconds(20_000) < 100 * min(seconds(1_000) for _ in range(3))


def test_contexts_stand_where_they_are_referred_to_and_the_rest_is_where_it_was() -> None:
    text = '[{"@context": "http://c/p", "p": "é"}, {"@context": ["http://c/p"], "p": "w"}]'
    whole = with_contexts(text, CONTEXTS)
    assert "http://c/p" not in whole.text
    for piece in ('"é"', '"w"', "]}]"[-2:]):
        assert whole.origin(whole.text.rindex(piece)) == text.rindex(piece)
    assert whole.origin(whole.text.index("http://v/p")) == text.index('"http://c/p"')
    assert whole.origin(len(whole.text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": {"p": "http://v/p"}, "p": "http://c/p"}',
        '{"a": "\\"@context\\": \\"http://elsewhere/\\""}',
        '{"@context": {"@vocab": "http://v/", "p": {"@id": "http://c/p"}}}',
        r'{"a\"@context": "http://elsewhere/", "b": "@json"}',
        "[]",
    ],
)
def test_a_text_without_references_stays_as_it_is(text: str) -> None:
    whole = with_contexts(text, {})
    assert whole.text == text
    assert [whole.origin(n) for n in range(len(text))] == list(range(len(text)))


REFUSED = {
    '{\n "@context": "http://elsewhere/c"}': "x:2:14: the context http://elsewhere/c is not "
    "fetched: save it to a file and name that with --context http://elsewhere/c=FILE",
    '[{"a": {"@context": [{}, "gone"]}}]': "x:1:26: the context http://base/gone is not fetched: "
    "save it to a file and name that with --context http://base/gone=FILE",
    '{"@context": "http://c/hole"}': "x:1:14: the context http://elsewhere/ (in the context "
    "http://c/hole) is not fetched: save it to a file and name that with "
    "--context http://elsewhere/=FILE",
    '{"@context": {"t": {"@context": "http://elsewhere/"}}}': "x:1:33: the context "
    "http://elsewhere/ is not fetched: save it to a file and name that with "
    "--context http://elsewhere/=FILE",
    '{"@context": {"@import": "http://elsewhere/"}}': "x:1:14: the context "
    "http://elsewhere/ is not fetched: save it to a file and name that with "
    "--context http://elsewhere/=FILE",
    '{"@context": "http://c/circle"}': "x:1:14: the context http://c/circle refers to itself, by "
    "way of others or not",
    '{"@context": "http://c/none"}': "x:1:14: the file of the context http://c/none has no "
    "@context at its top",
    '{"@context": "http://c/broken"}': "x:1:14: the file of the context http://c/broken is no "
    "JSON: Expecting value: line 1 column 14 (char 13)",
    '{"@context": {"@import": "http://c/many"}}': "x:1:14: the context http://c/many is imported, "
    "and no single object",
    '{"@context": ["http://c/p",]}': "x:1:28: found “]” where a value was expected",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_put_in_place_is_refused_where_it_stands(text: str) -> None:
    source = Source("x", text, ox.RdfFormat.JSON_LD, "http://base/doc", CONTEXTS)
    with pytest.raises(ParseFault) as fault:
        list(source.quads())
    assert str(fault.value) == REFUSED[text]


def test_what_the_parser_refuses_behind_a_context_is_at_its_own_place() -> None:
    text = '{"@context": "http://c/p",\n "p": nul}'
    source = Source("x", text, ox.RdfFormat.JSON_LD, "http://base/doc", CONTEXTS)
    with pytest.raises(ParseFault) as fault:
        list(source.quads())
    assert (fault.value.line, fault.value.path) == (2, "x")
