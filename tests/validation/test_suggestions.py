"""What was meant by a term at fault; and nothing where it is in order, or far from everything."""

import pyoxigraph as ox
import pytest

from app.namespaces import EDTF, RDF, XSD, Namespace
from app.rdf.terms import Term
from app.validation import suggestions
from app.validation.suggestions import Members, Suggestion

E = Namespace("http://example.org/")


def typed(text: str, name: str) -> ox.Literal:
    """Return a literal of a datatype of XSD."""
    return ox.Literal(text, datatype=XSD[name])


@pytest.mark.parametrize(
    ("name", "meant"), [("dcterm", "dcterms"), ("Dcat", "dcat"), ("dcat", None), ("geo", None)]
)
def test_a_prefix_is_meant(name: str, meant: str | None) -> None:
    assert suggestions.prefix(name, ["dcat", "dcterms", "skos"]) == meant


@pytest.mark.parametrize(
    ("iri", "meant"),
    [
        (XSD.dateTme, XSD.dateTime),
        (XSD.Date, XSD.date),
        (XSD.int, None),
        (XSD.unheard, None),
        (ox.NamedNode("https://www.w3.org/2001/XMLSchema#string"), XSD.string),
        (ox.NamedNode("http://www.w3.org/2001/XMLSchema/string"), XSD.string),
        (E.date, None),
        (RDF.langString, None),
    ],
)
def test_a_datatype_is_meant(iri: ox.NamedNode, meant: ox.NamedNode | None) -> None:
    assert suggestions.datatype(iri) == meant


@pytest.mark.parametrize(
    ("value", "asked", "meant"),
    [
        (ox.Literal("2015-05-19"), XSD.date, Suggestion(typed("2015-05-19", "date"), True)),
        (ox.Literal(" 5 "), XSD.integer, Suggestion(typed("5", "integer"), True)),
        (ox.Literal("FALSE"), XSD.boolean, Suggestion(typed("false", "boolean"), True)),
        (typed("5", "integer"), XSD.decimal, Suggestion(typed("5", "decimal"), True)),
        (ox.Literal("a", language="en"), XSD.string, Suggestion(ox.Literal("a"), False)),
        (typed("5", "integer"), XSD.string, Suggestion(ox.Literal("5"), False)),
        (E.a, XSD.anyURI, Suggestion(typed(E.a.value, "anyURI"), True)),
        (ox.Literal("2015-02-30"), XSD.date, None),
        (ox.Literal("soon"), XSD.date, None),
        (typed("2015-05-19", "date"), XSD.date, None),
        (ox.Literal("a"), RDF.langString, None),
        (ox.Literal("a"), E.own, Suggestion(ox.Literal("a", datatype=E.own), False)),
        (typed("5", "integer"), E.own, None),
        (typed("2015", "gYear"), EDTF, Suggestion(ox.Literal("2015", datatype=EDTF), True)),
        (ox.Literal("last year"), EDTF, None),
        (E.a, XSD.date, None),
        (ox.BlankNode(), XSD.string, None),
    ],
)
def test_a_value_is_written_with_the_datatype_that_fits(
    value: Term, asked: ox.NamedNode, meant: Suggestion | None
) -> None:
    assert suggestions.retyped(value, asked) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (ox.Literal("http://example.org/a"), E.a),
        (ox.Literal(" mailto:a@example.org "), ox.NamedNode("mailto:a@example.org")),
        (ox.Literal("see http://example.org/a"), None),
        (ox.Literal("Rabat: a city"), None),
        (E.a, None),
    ],
)
def test_an_address_stands_in_a_text(value: Term, meant: ox.NamedNode | None) -> None:
    assert suggestions.address(value) == (None if meant is None else Suggestion(meant, True))


@pytest.mark.parametrize(
    ("tag", "allowed", "meant"),
    [
        ("eng", ["en"], "en"),
        ("ger-AT", ["de"], "de-AT"),
        ("deu", ["*"], "de"),
        ("deu", ["en"], None),
        ("de", ["en"], None),
    ],
)
def test_a_language_is_meant(tag: str, allowed: list[str], meant: str | None) -> None:
    suggestion = suggestions.language(ox.Literal("x", language=tag), allowed)
    assert suggestion == (meant and Suggestion(ox.Literal("x", language=meant), True))


def test_a_text_without_a_language_has_no_other() -> None:
    assert suggestions.language(ox.Literal("x"), ["en"]) is None
    assert suggestions.language(E.a, ["en"]) is None


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (ox.Literal("open", language="en"), Suggestion(ox.Literal("open"), True)),
        (ox.Literal(" open"), Suggestion(ox.Literal("open"), True)),
        (ox.Literal("Open"), Suggestion(ox.Literal("open"), False)),
        (ox.Literal("http://example.org/closed"), Suggestion(E.closed, True)),
        (E.closd, Suggestion(E.closed, False)),
        (ox.NamedNode("https://example.org/closed"), Suggestion(E.closed, False)),
        (ox.Literal("ajar"), None),
        (E.ajar, None),
        (ox.BlankNode(), None),
    ],
)
def test_a_value_that_is_allowed_is_meant(value: Term, meant: Suggestion | None) -> None:
    members = Members([ox.Literal("open"), E.closed, typed("5", "integer"), ox.BlankNode()])
    assert members.suggestion(value) == meant
