"""JSON as text: what is read, and where."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ParseFault
from app.rdf.jsonld.text import JsonText, require_json

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_every_value_is_where_it_is_said_to_be(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = JsonText(text)
    assert json.loads(document.raw(0)) == value
    for index in range(len(document)):
        parent, name = document.parents[index], document.names[index]
        own = json.loads(document.raw(index))
        if parent < 0:
            assert (index, name) == (0, None)
        elif document.kinds[parent] == "{":
            assert json.loads(document.raw(parent))[name] == own
            start = document.key_starts[index]
            assert json.loads(text[start : document.key_end(index)]) == name
        else:
            position = list(document.members(parent)).index(index)
            assert json.loads(document.raw(parent))[position] == own
        if document.kinds[index] == '"':
            assert document.string(index) == own


REFUSED = {
    "": "x:1:1: found the end of the text where a value was expected",
    "{": "x:1:2: found the end of the text where a key in quotation marks with its colon "
    "was expected",
    '{"a"}': 'x:1:2: found “"” where a key in quotation marks with its colon was expected',
    '{"a": }': "x:1:7: found “}” where a value was expected",
    '{"a": 1,}': "x:1:9: found “}” where a key in quotation marks with its colon was expected",
    '{"a": 1 "b": 2}': 'x:1:9: found “"” where “,” or “}” was expected',
    '{"a": 1]': "x:1:8: found “]” where “,” or “}” was expected",
    '{"a": [1}': "x:1:9: found “}” where “,” or “]” was expected",
    '{"a": [1': "x:1:9: found the end of the text where “,” or “]” was expected",
    "[1,]": "x:1:4: found “]” where a value was expected",
    "[01]": "x:1:2: found “0” where a value was expected",
    "[1.]": "x:1:2: found “1” where a value was expected",
    "[+1]": "x:1:2: found “+” where a value was expected",
    "[truely]": "x:1:2: found “t” where a value was expected",
    "[NaN]": "x:1:2: found “N” where a value was expected",
    '["\n"]': 'x:1:2: found “"” where a value was expected',
    '["\\x"]': 'x:1:2: found “"” where a value was expected',
    "[1] 2": "x:1:5: found “2” where the end of the text was expected",
    "{'a': 1}": "x:1:2: found “'” where a key in quotation marks with its colon was expected",
    '{\n "a": 1,\n "\\u0061": 2}': "x:3:2: “a” stands here twice",
    '[{"a": {"b": 1}, "a": 2}]': "x:1:18: “a” stands here twice",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_json_is_refused_where_it_ends_to_be_that(text: str) -> None:
    with pytest.raises(ParseFault) as fault:
        JsonText(text, "x")
    assert str(fault.value) == REFUSED[text]
    with pytest.raises(ParseFault) as fault:
        require_json(text, "x")
    assert str(fault.value) == REFUSED[text]


@pytest.mark.parametrize(
    "text",
    ['[{"a": 1}, {"a": 2}]', '{"a": {"a": 1}, "b": {}}', "[[], {}, [[]]]", " 1 ", "[-0.5e+3]"],
)
def test_what_is_json_is_not_refused(text: str) -> None:
    assert json.loads(JsonText(text).raw(0)) == json.loads(text)
    require_json(text)


def test_a_text_that_nests_deeply_is_read_up_to_a_bound() -> None:
    deep = 800
    text = "[" * deep + "]" * deep
    assert len(JsonText(text)) == deep
    require_json(text)
    with pytest.raises(ParseFault, match="brackets nest deeper than 900"):
        require_json("[" * 100_000 + "]" * 100_000)
