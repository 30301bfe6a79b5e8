"""A property of a class as columns: what `columns.json` says of it, and the columns it becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from app.exports.tables import Column, Type
from app.namespaces import DLG


class Role(StrEnum):
    """What a column tells of the values of its property."""

    VALUE = "value"
    LABEL = "label"
    KIND = "kind"
    BEGINS = "begins"
    ENDS = "ends"
    PRECISION = "precision"
    SOURCES = "sources"


MEANINGS = {
    Role.LABEL: "What the value is called, in English if it has an English name.",
    Role.KIND: "The class of the value, by the name of its table: of several, the narrowest.",
    Role.BEGINS: "The first day that the date may mean; empty where there is none.",
    Role.ENDS: "The last day that the date may mean; empty where there is none, or it is open.",
    Role.PRECISION: f"How exactly the date is told: a concept of {DLG.precisionScheme.value}.",
    Role.SOURCES: "How many sources the passages are from that say so, or from which it follows.",
}
"""What a column tells that is worked out from the values of its property."""
IRI, BLANK, LITERAL, TRIPLE = "iri", "blank", "literal", "triple"
"""What sort of term a value is."""


@dataclass(frozen=True)
class Field:
    """A property of a class: `name` begins the names of its columns.

    `property` is its IRI, `inverse` that its values are the things that have it. `label` and
    `definition` are by language. `terms` are the sorts of its values, `datatypes` those of
    literals, `languages` theirs (the empty one for none), `classes` those of things. It is
    `translated` where ontology or shapes tell that its values are texts in languages: `languages`
    are those of the dataset too. `type` fits all its values. `many` tells that a thing may have
    several. All values are rows of `table`, if there is one. `labelled` tells that some value has,
    or may have, a name, `kinds` that they are of several classes, `sources` that some value has
    evidence, `empty` that some value is a text of no characters, `bounded` that its days are
    columns of other properties, `precise` that its precision is. `named_by` are what knows of the
    property: shape, domain, rule, use; `used` is how many things have it.
    """

    property: str
    name: str
    inverse: bool = False
    label: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)
    type: Type = Type.STRING
    terms: tuple[str, ...] = ()
    datatypes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    translated: bool = False
    classes: tuple[str, ...] = ()
    many: bool = False
    table: str | None = None
    labelled: bool = False
    kinds: bool = False
    sources: bool = False
    empty: bool = False
    bounded: bool = False
    precise: bool = False
    named_by: tuple[str, ...] = ()
    used: int = 0

    def datatype(self) -> str:
        """Return the datatype of all its literals; empty where there are several, or none."""
        return self.datatypes[0] if len(self.datatypes) == 1 else ""

    def title(self) -> str:
        """Return what the property is called."""
        called = words(self.label) or self.name
        return f"{called} (inverse)" if self.inverse and self.label else called

    def meaning(self) -> str:
        """Return what the property means, by its definition or else by its IRI."""
        meant = words(self.definition) or f"As the vocabulary of {self.property} has it."
        return f"What has the thing as its value: {meant}" if self.inverse else meant

    def has_side_table(self) -> bool:
        """Whether a cell cannot tell all of it, so that its values are rows of their own."""
        tags = {language for language in self.languages if language}
        several = len(self.terms) > 1 or len(self.datatypes) > 1 or (tags and "" in self.languages)
        odd = BLANK in self.terms or TRIPLE in self.terms
        return self.used > 0 and (self.many or bool(several) or odd or self.empty)

    def to_json(self) -> dict[str, object]:
        """Return its members, without those that say nothing."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value not in (None, False, (), {}) or name in ("many", "inverse")
        }

    @classmethod
    def from_json(cls, members: Mapping[str, object]) -> "Field":
        """Return what `to_json` has written. Raises TypeError or ValueError for anything else."""
        known = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in members.items()
            if name in cls.__dataclass_fields__
        }
        known["type"] = Type(str(known.get("type", Type.STRING)))
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Part:
    """A column of a field: its role and, of a text, its language."""

    column: Column
    field: Field
    role: Role
    language: str | None = None


def words(texts: Mapping[str, str]) -> str:
    """Return the text for a reader of English: English, else one without a language, else any."""
    for language in ("en", "", *sorted(texts)):
        if language in texts:
            return texts[language]
    return ""


def parts(one: Field) -> list[Part]:
    """Return the columns of a field, in their order."""
    found: list[Part] = []
    title = one.title()

    def add(name: str, role: Role, type: Type, called: str, language: str | None = None) -> None:
        meaning = MEANINGS.get(role, one.meaning())
        whole = role is Role.VALUE and not one.inverse and not one.has_side_table()
        datatype = one.datatype() if whole else ""
        column = Column(name, type, called, meaning, one.property, whole, language or "", datatype)
        found.append(Part(column, one, role, language))

    tags = [language for language in one.languages if language]
    # A text whose languages are not known yet has no column, rather than one that goes.
    if "" in one.languages or not (tags or (one.translated and not one.used)):
        plain = Type.STRING if one.many else one.type
        add(one.name, Role.VALUE, plain, title, "" if tags else None)
    for tag in tags:
        add(f"{one.name}@{tag}", Role.VALUE, Type.STRING, f"{title} ({tag})", tag)
    if one.labelled:
        add(f"{one.name}_label", Role.LABEL, Type.STRING, f"{title}: name")
    if one.kinds:
        add(f"{one.name}_kind", Role.KIND, Type.STRING, f"{title}: class")
    if one.type is Type.EDTF:
        if not one.bounded:
            add(f"{one.name}_begins", Role.BEGINS, Type.DATE, f"{title}: first day")
            add(f"{one.name}_ends", Role.ENDS, Type.DATE, f"{title}: last day")
        if not one.precise:
            name = "precision" if one.bounded else f"{one.name}_precision"
            add(name, Role.PRECISION, Type.IRI, f"{title}: precision")
    if one.sources:
        add(f"{one.name}_sources", Role.SOURCES, Type.INTEGER, f"{title}: number of sources")
    return found


def columns_of(fields: Iterable[Field]) -> list[Part]:
    """Return the columns of several fields; of two that would have one name, the later is marked.

    Names differ by more than upper and lower case, since databases do not tell these apart.
    """
    taken = {"iri", "label"}
    found: list[Part] = []
    for one in fields:
        for part in parts(one):
            name, number = part.column.name, 2
            while name.lower() in taken:
                name, number = f"{part.column.name}_{number}", number + 1
            taken.add(name.lower())
            found.append(Part(part.column.named(name), part.field, part.role, part.language))
    return found


HEAD = (
    Column("iri", Type.IRI, "IRI", "What names the thing, everywhere and for good."),
    Column("label", Type.STRING, "Name", "What the thing is called, in English if there is one."),
)
"""What every table of things begins with."""


def head_and(columns: Sequence[Part]) -> tuple[Column, ...]:
    """Return the columns of a table of things."""
    return (*HEAD, *(part.column for part in columns))
