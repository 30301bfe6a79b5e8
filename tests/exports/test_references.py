"""References: dates, keys, and texts that TeX would take for commands."""

import json
from datetime import date

import bibtexparser
import pyoxigraph as ox
import pytest

from app.exports import bibtex, csl, references
from app.exports.things import Origin, Thing

ORIGIN = Origin("A record", date(2026, 1, 2), "http://e.org/")


def thing(name: str, **members: str) -> Thing:
    return Thing(name, {member: [ox.Literal(text)] for member, text in members.items()})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2015-05-19", {"date-parts": [[2015, 5, 19]]}),
        ("2015-05", {"date-parts": [[2015, 5]]}),
        ("2015", {"date-parts": [[2015]]}),
        ("2015-XX-XX", {"date-parts": [[2015]]}),
        ("2015-05-19T10:00:00Z", {"date-parts": [[2015, 5, 19]]}),
        ("2015-05-19T10:00:00.5Z", {"date-parts": [[2015, 5, 19]]}),
        ("2015-05-19/2015-06", {"date-parts": [[2015, 5, 19], [2015, 6]]}),
        ("2015~", {"date-parts": [[2015]], "circa": True}),
        ("2015-05?", {"date-parts": [[2015, 5]], "circa": True}),
        ("2015-21", {"date-parts": [[2015]], "season": 1}),
        ("201X", {"literal": "201X"}),
        ("2015/..", {"literal": "2015/.."}),
        ("/2015", {"literal": "/2015"}),
        ("soon", {"literal": "soon"}),
        ("2015-13", {"literal": "2015-13"}),
        ("2001-34", {"literal": "2001-34"}),
        ("2015-00", {"literal": "2015-00"}),
        ("2015-XX-05", {"literal": "2015-XX-05"}),
        ("2015-02-30", {"literal": "2015-02-30"}),
        ("2015/2015-13", {"literal": "2015/2015-13"}),
    ],
)
def test_a_date_has_the_parts_that_are_given(written: str, expected: dict[str, object]) -> None:
    assert csl.date(written) == expected


def test_keys_are_safe_and_told_apart() -> None:
    iris = "http://e.org/id/source/a b", "http://e.org/id/source/a{b", "http://o.org/é"
    assert references.keys(iris, ORIGIN.base) == ["source:a_b", "source:a_b_2", "http:::o.org:_"]


def test_a_number_that_is_the_name_of_another_is_not_given_twice() -> None:
    iris = [f"http://e.org/id/{name}" for name in ("a,b", "a;b", "a_b_2", "a:b", "a|b")]
    assert references.keys(iris, ORIGIN.base) == ["a_b", "a_b_2", "a_b_2_2", "a:b", "a_b_3"]


def test_one_bad_date_leaves_a_list_whole() -> None:
    written = ("2015-13", "2001-34", "2015-00", "2015-XX-05", "20}15", "2015-12")
    made = bibtex.write(
        [thing(f"http://e.org/id/x/{n}", issued=text) for n, text in enumerate(written)], ORIGIN
    ).decode()
    library = bibtexparser.parse_string(made)
    assert library.failed_blocks == []
    told = [{field.key: field.value for field in entry.fields} for entry in library.entries]
    assert [one["date"] for one in told] == [
        *written[:4], "20\\textbraceright{}15", "2015-12"
    ]  # fmt: skip
    assert [(one.get("year"), one.get("month")) for one in told] == [
        *[(None, None)] * 5,
        ("2015", "dec"),
    ]


def test_what_tex_would_take_for_commands_is_a_text() -> None:
    text = "R&D: 50% of {x_1} at $5 #2 \\cite{a} ~ ^ “é” and more"
    made = bibtex.write(
        [thing("http://e.org/id/source/1", title=text, link="http://e.org/a_{b}?c=%20d&e#f")],
        ORIGIN,
    ).decode()
    library = bibtexparser.parse_string(made)
    assert library.failed_blocks == []
    (entry,) = library.entries
    assert {field.key: field.value for field in entry.fields} == {
        "title": (
            "{R\\&D: 50\\% of \\textbraceleft{}x\\_1\\textbraceright{} at \\$5 \\#2 "
            "\\textbackslash{}cite\\textbraceleft{}a\\textbraceright{} \\textasciitilde{} "
            "\\textasciicircum{} “é” and more}"
        ),
        "url": "http://e.org/a_%7Bb%7D?c=%20d&e#f",
    }


def test_members_without_a_value_are_left_out() -> None:
    assert json.loads(
        csl.write([thing("http://e.org/id/x/1", type="article-newspaper")], ORIGIN)
    ) == [
        {
            "id": "x:1",
            "type": "article-newspaper",
            "title": "http://e.org/id/x/1",
            "URL": "http://e.org/id/x/1",
        }
    ]
    assert json.loads(csl.write([], ORIGIN)) == []
