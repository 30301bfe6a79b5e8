"""From the values of a property to the cells of its columns.

One function for the files of a release and for the lists that a server writes.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import pyoxigraph as ox

from app.exports import dates
from app.exports.fields import BLANK, IRI, LITERAL, MEANINGS, TRIPLE, Field, Part, Role
from app.exports.tables import Cell, Column, Type
from app.rdf.terms import Term

JOINT = " | "
"""Between several values in one cell, which is for people to read: a value may hold it."""
Joiner = Callable[[Sequence[Term], int], Cell]


class Names(Protocol):
    """What is known of things beside the one that a row tells of."""

    def label(self, iri: str) -> str | None:
        """Return what a thing is called."""

    def kind(self, iri: str) -> str | None:
        """Return the class of a thing, by its short name."""


def text(term: Term) -> str:
    """Return a value as a cell has it: an IRI or the characters of a literal."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return str(term)


def sort_of(term: Term) -> str:
    """Return what sort of term a value is."""
    if isinstance(term, ox.NamedNode):
        return IRI
    if isinstance(term, ox.Literal):
        return LITERAL
    return BLANK if isinstance(term, ox.BlankNode) else TRIPLE


def joiner(part: Part, names: Names) -> Joiner:
    """Return what makes the cell of a column from the values of its property.

    It takes the values in their order, and how many sources they have.
    """
    field, language = part.field, part.language

    def cell(make: Callable[[str], str | None]) -> Joiner:
        def join(values: Sequence[Term], sources: int) -> Cell:
            # As many as the values, so that each stands in the place of its value.
            made = [make(text(value)) or "" for value in values]
            return JOINT.join(made) if any(made) else None

        return join

    def dated(make: Callable[[str], str | None]) -> Joiner:
        def join(values: Sequence[Term], sources: int) -> Cell:
            finest = dates.finest(text(value) for value in values)
            return None if finest is None else make(finest)

        return join

    def plain(values: Sequence[Term], sources: int) -> Cell:
        chosen = values if language is None else [v for v in values if tag(v) == language]
        if len(chosen) == 1:
            return text(chosen[0])
        return JOINT.join(map(text, chosen)) if chosen else None

    match part.role:
        case Role.LABEL:
            return cell(names.label)
        case Role.KIND:
            return cell(names.kind)
        case Role.BEGINS:
            return dated(lambda date: dates.days(date)[0])
        case Role.ENDS:
            return dated(lambda date: dates.days(date)[1])
        case Role.PRECISION:
            return dated(dates.precision)
        case Role.SOURCES:
            return lambda values, sources: str(sources) if values else None
        case Role.VALUE if field.type is Type.EDTF:
            return dated(lambda date: date)
        case _:
            return plain


def tag(term: Term) -> str:
    """Return the language tag of a text, with the direction that RDF 1.2 has behind it."""
    if not isinstance(term, ox.Literal) or not term.language:
        return ""
    return f"{term.language}--{term.direction}" if term.direction else term.language


def side_columns(field: Field) -> tuple[Column, ...]:
    """Return the columns of the table that has a row for each value of a property."""
    tagged = any(field.languages)
    dated = field.type is Type.EDTF

    def worked_out(name: str, role: Role, type: Type, title: str) -> Column:
        return Column(name, type, f"{field.title()}: {title}", MEANINGS[role], field.property)

    optional = (
        (tagged, Column("language", Type.STRING, "Language", "The language tag of a text.")),
        (
            len(field.datatypes) > 1,
            Column("datatype", Type.IRI, "Datatype", "That of a literal; empty for all else."),
        ),
        (
            len(field.terms) > 1 or BLANK in field.terms or TRIPLE in field.terms,
            Column("term", Type.STRING, "Sort of term", "iri, literal, blank or triple"),
        ),
        (dated, worked_out("begins", Role.BEGINS, Type.DATE, "first day")),
        (dated, worked_out("ends", Role.ENDS, Type.DATE, "last day")),
        (dated, worked_out("precision", Role.PRECISION, Type.IRI, "precision")),
        (field.labelled, worked_out("value_label", Role.LABEL, Type.STRING, "name")),
        (field.kinds, worked_out("value_kind", Role.KIND, Type.STRING, "class")),
        (
            field.sources,
            Column("evidence", Type.STRING, "Evidence", "Passages that say so; each has a row in"
                   " the table of evidence.", field.property),
        ),
        (field.sources, worked_out("sources", Role.SOURCES, Type.INTEGER, "number of sources")),
    )  # fmt: skip
    return (
        Column(
            "subject", Type.IRI, "Thing", "The thing that has the value, which may have others."
        ),
        Column(
            "value",
            field.type,
            field.title(),
            field.meaning(),
            field.property,
            is_value=not field.inverse,
            datatype=field.datatype(),
        ),
        *(column for wanted, column in optional if wanted),
    )


def side_key(field: Field) -> tuple[str, ...]:
    """Return the columns that tell the rows of that table apart; none where one may be empty."""
    # Of an IRI there is neither language nor datatype.
    only_literals = field.terms == (LITERAL,)
    tagged, several = any(field.languages), len(field.datatypes) > 1
    if (
        field.empty
        or (tagged and "" in field.languages)
        or ((tagged or several) and not only_literals)
    ):
        return ()
    wanted = ("subject", "value", "language", "datatype", "term")
    names = (column.name for column in side_columns(field) if column.name in wanted)
    return tuple(names)


def side_row(
    columns: Sequence[Column],
    subject: str,
    value: Term,
    names: Names,
    evidence: Sequence[str],
    sources: int,
) -> list[Cell]:
    """Return the row of one value; `columns` are those of `side_columns`."""
    written = text(value)

    def cell(name: str) -> Cell:
        match name:
            case "subject":
                return subject
            case "value":
                return written
            case "language":
                return tag(value) or None
            case "datatype":
                return value.datatype.value if isinstance(value, ox.Literal) else None
            case "term":
                return sort_of(value)
            case "begins":
                return dates.days(written)[0]
            case "ends":
                return dates.days(written)[1]
            case "precision":
                return dates.precision(written)
            case "value_label":
                return names.label(written)
            case "value_kind":
                return names.kind(written)
            case "evidence":
                return JOINT.join(evidence) or None
            case _:
                return str(sources)

    return [cell(column.name) for column in columns]
