"""What makes a literal valid for its datatype."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.namespaces import EDTF, RDF, XSD
from app.rdf.datatypes import whole_number, why_invalid


def of(text: str, name: str) -> str | None:
    return why_invalid(ox.Literal(text, datatype=XSD[name]))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("boolean", "true false 1 0"),
        ("integer", "16 -16 +0016 " + "9" * 5000),
        ("nonNegativeInteger", "0 -0 7"),
        ("byte", "-128 127"),
        ("unsignedLong", "18446744073709551615"),
        ("decimal", "1 1.5 -.5 5. +0.0"),
        ("double", "1 1.5E0 -2e-7 INF -INF NaN .5"),
        ("date", "2015-05-19 2016-02-29 -0044-03-15 12015-01-01 2015-05-19Z 2015-05-19+14:00"),
        ("dateTime", "2015-05-19T09:30:00 2015-05-19T24:00:00Z 2015-05-19T09:30:00.25-03:00"),
        ("dateTimeStamp", "2015-05-19T09:30:00Z"),
        ("time", "09:30:00 24:00:00 09:30:00.5Z"),
        ("gYear", "2015 -0044 12015 2015Z"),
        ("gYearMonth", "2015-05"),
        ("gMonthDay", "--02-29"),
        ("gMonth", "--05"),
        ("gDay", "---31"),
        ("duration", "P1Y P1Y2M3DT4H5M6.7S PT1S -P3D"),
        ("yearMonthDuration", "P1Y6M"),
        ("dayTimeDuration", "P2DT3H"),
        ("anyURI", "https://example.org/a?b#c a/b é"),
        ("language", "en pt-BR"),
        ("hexBinary", "00fF"),
        ("base64Binary", "AAAA AAA= AA=="),
        ("token", "a a\u00a0b"),
        ("NCName", "a-b _c é कि"),
        ("ID", "a-b"),
        ("QName", "a:b b"),
        ("NMTOKENS", "1a:b"),
        ("string", "anything"),
    ],
)
def test_what_xsd_allows_is_valid(name: str, texts: str) -> None:
    assert {text: of(text, name) for text in texts.split(" ")} == dict.fromkeys(texts.split(" "))


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("boolean", ["True", "yes", "", "01"]),
        ("integer", ["1.0", "", "1e3", " 1", "１", "IV"]),
        ("nonNegativeInteger", ["-1"]),
        ("positiveInteger", ["0"]),
        ("byte", ["128", "-129", "9" * 5000, "-" + "9" * 5000]),
        ("unsignedShort", ["65536", "-1"]),
        ("decimal", ["1,5", ".", "1E0", "INF"]),
        ("double", ["1,5", "inf", "Infinity", "E5"]),
        (
            "date",
            ["2015-02-29", "1900-02-29", "2015-13-01", "2015-00-01", "2015-5-9", "19.05.2015"],
        ),
        (
            "date",
            ["2015-05-19T00:00:00", "2015-05-19+15:00", "012015-01-01", "9" * 5000 + "-02-30"],
        ),
        (
            "dateTime",
            ["2015-05-19", "2015-05-19 09:30:00", "2015-05-19T25:00:00", "2015-02-30T00:00:00"],
        ),
        ("dateTimeStamp", ["2015-05-19T09:30:00"]),
        ("time", ["9:30:00", "24:00:01", "09:60:00"]),
        ("gYear", ["15", "2015-05", "2015\n"]),
        ("gYearMonth", ["2015-13"]),
        ("gMonthDay", ["--02-30", "02-28"]),
        ("gMonth", ["07", "--13", "--07--", "-07"]),
        ("gDay", ["---32"]),
        ("ID", ["1a", "a b"]),
        ("QName", ["a:b:c", ":a"]),
        ("duration", ["P", "PT", "1Y", "P1H", "P1Y2D3M", "P1DT"]),
        ("dayTimeDuration", ["P1Y"]),
        ("anyURI", ["http://a b", "<x>"]),
        ("hexBinary", ["0", "0g"]),
        ("base64Binary", ["A", "AAA", "A=AA"]),
        ("token", [" a", "a  b", "a\n"]),
        ("normalizedString", ["a\tb"]),
        ("NCName", ["a:b", "1a", "", "a b"]),
        ("dat", ["2015"]),
    ],
)
def test_what_xsd_does_not_allow_has_a_reason_of_one_line(name: str, texts: list[str]) -> None:
    for text in texts:
        reason = of(text, name)
        assert reason is not None, text
        assert reason.isprintable()
        assert len(reason) < 200


def test_a_reason_says_what_to_write() -> None:
    assert of("19.05.2015", "date") == "“19.05.2015” is no xsd:date: write a day such as 2015-05-19"
    assert of("2015-02-29", "date") == "“2015-02-29”: there is no such day: this month has 28"
    assert of("300", "byte") == "“300” is no xsd:byte: it goes from -128 to 127"
    assert of("x", "dat") == "there is no datatype xsd:dat"


@pytest.mark.parametrize("tag", ["en", "pt-BR", "ar-Latn", "zh-Hant-TW", "sl-rozaj-biske", "x-own"])
def test_a_language_tag_is_one_of_bcp_47(tag: str) -> None:
    assert why_invalid(ox.Literal("x", language=tag)) is None


@pytest.mark.parametrize("tag", ["english", "fran-x-y"])
def test_another_language_tag_is_refused(tag: str) -> None:
    assert why_invalid(ox.Literal("x", language=tag)) == (
        f"“{tag}” is no language tag: write one such as en, pt or ar-Latn"
    )


def test_edtf_is_read_strictly_and_other_datatypes_are_taken() -> None:
    assert why_invalid(ox.Literal("2013-12/..", datatype=EDTF)) is None
    assert "there is no month 13" in str(why_invalid(ox.Literal("2013-13", datatype=EDTF)))
    assert why_invalid(ox.Literal("x", datatype=RDF.langString)) is not None
    wkt = ox.NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
    assert why_invalid(ox.Literal("POINT(1 2)", datatype=wkt)) is None


@given(st.dates(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False), st.floats())
def test_what_python_writes_is_valid(
    day: date, number: int, decimal: Decimal, binary: float
) -> None:
    moment = datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC)
    texts = {
        "date": day.isoformat(),
        "dateTime": moment.isoformat(),
        "integer": str(number),
        "decimal": format(decimal, "f"),
        "double": repr(binary).replace("inf", "INF").replace("nan", "NaN"),
        "hexBinary": str(number).encode().hex(),
    }
    assert {name: of(text, name) for name, text in texts.items()} == dict.fromkeys(texts)


@given(st.text(max_size=40), st.sampled_from(["date", "integer", "duration", "anyURI", "double"]))
def test_whatever_the_text_there_is_an_answer(text: str, name: str) -> None:
    reason = of(text, name)
    assert reason is None or reason.isprintable()


def test_a_whole_number_is_read_from_what_is_one_alone() -> None:
    assert whole_number(ox.Literal("+016", datatype=XSD.integer)) == 16
    for text in ("many", "1_000", "1.5", "", "9" * 5000):
        assert whole_number(ox.Literal(text, datatype=XSD.integer)) is None
    assert whole_number(ox.Literal("16", datatype=XSD.decimal)) is None
    assert whole_number(ox.Literal("16")) is None
    assert whole_number(XSD.integer) is None
    assert whole_number(None) is None
