"""Whether the text of a literal is valid for its datatype, and why not."""

import re
from calendar import monthrange
from functools import cache

import pyoxigraph as ox

from app.namespaces import EDTF, RDF, XSD
from app.rdf.terms import Term, quoted

_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR = r"-?(?:[1-9][0-9]{4,}|[0-9]{4})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DATE = rf"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_YEARS, _DAYS = r"(?:[0-9]+Y)?(?:[0-9]+M)?", r"(?:[0-9]+D)?"
_HOURS = r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"

# Source: XML 1.0 (Fifth Edition), productions 4 and 4a, without the colon.
_START = (
    r"A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = _START + r"\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
_NC_NAME = f"[{_START}][{_NAME}]*"

_FORMS = {
    "boolean": (r"true|false|1|0", "true or false"),
    "decimal": (r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "a decimal number such as 1.5"),
    "double": (
        r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "a number such as 1.5E0",
    ),
    "date": (_DATE + _ZONE, "a day such as 2015-05-19"),
    "dateTime": (_DATE + "T" + _CLOCK + _ZONE, "a moment such as 2015-05-19T09:30:00Z"),
    "dateTimeStamp": (
        _DATE + "T" + _CLOCK + _ZONE[:-1],
        "a moment with its zone such as 2015-05-19T09:30:00Z",
    ),
    "time": (_CLOCK + _ZONE, "a time of day such as 09:30:00"),
    "gYear": (_YEAR + _ZONE, "a year such as 2015"),
    "gYearMonth": (f"{_YEAR}-{_MONTH}{_ZONE}", "a month such as 2015-05"),
    "gMonthDay": (
        f"--(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}",
        "a day of a month such as --05-19",
    ),
    "gMonth": (f"--{_MONTH}{_ZONE}", "a month of the year such as --05"),
    "gDay": (f"---{_DAY}{_ZONE}", "a day of the month such as ---19"),
    "duration": (
        rf"-?P(?=[0-9T]){_YEARS}{_DAYS}{_HOURS}",
        "a duration such as P1Y or PT2H",
    ),
    "yearMonthDuration": (rf"-?P(?=[0-9]){_YEARS}", "a duration such as P1Y6M"),
    "dayTimeDuration": (rf"-?P(?=[0-9T]){_DAYS}{_HOURS}", "a duration such as P2DT3H"),
    "anyURI": (r"[^\x00-\x20<>\"{}|\\^`]*", "an address without spaces"),
    "language": (r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", "a language tag such as en"),
    "hexBinary": (r"(?:[0-9A-Fa-f]{2})*", "pairs of hexadecimal digits"),
    "base64Binary": (
        r"(?:(?:[A-Za-z0-9+/] ?){4})*"
        r"(?:(?:[A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|[A-Za-z0-9+/] ?[AQgw] ?= ?=)?",
        "base 64",
    ),
    "normalizedString": (r"[^\t\r\n]*", "text without tabs and line ends"),
    # Only these four are spaces for XSD: a no-break space is a character of a word.
    "token": (
        r"(?:[^ \t\r\n]+(?: [^ \t\r\n]+)*)?",
        "text without spaces but single ones between words",
    ),
    "NMTOKEN": (f"[:{_NAME}]+", "a name token"),
    "NMTOKENS": (f"[:{_NAME}]+(?: [:{_NAME}]+)*", "name tokens"),
    "Name": (f"[:{_START}][:{_NAME}]*", "a name"),
    "QName": (f"(?:{_NC_NAME}:)?{_NC_NAME}", "a name such as dcterms:title"),
    "NOTATION": (f"(?:{_NC_NAME}:)?{_NC_NAME}", "a name such as dcterms:title"),
    **dict.fromkeys(("NCName", "ID", "IDREF", "ENTITY"), (_NC_NAME, "a name without a colon")),
    **dict.fromkeys(
        ("IDREFS", "ENTITIES"), (f"{_NC_NAME}(?: {_NC_NAME})*", "names without a colon")
    ),
    "string": (r"(?s:.*)", "text"),
}
_FORMS["float"] = _FORMS["double"]
_SIZES = {"long": 63, "int": 31, "short": 15, "byte": 7}
_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2**bits), 2**bits - 1) for name, bits in _SIZES.items()},
    **{f"unsigned{name.capitalize()}": (0, 2 ** (bits + 1) - 1) for name, bits in _SIZES.items()},
}
_LANG_STRING = RDF.langString
_SHORTEST_MONTH = 28
_INTEGER = re.compile(r"[+-]?[0-9]+")
# Its shape is the reader's business; but no language is registered with a longer name.
_TAG = re.compile(r"(?:[a-z]{2,3}|x)(?:-.*)?", re.IGNORECASE)
_XSD = XSD.string.value.removesuffix("string")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of a datatype; made by need, since few of them are in one file."""
    return re.compile(_FORMS[name][0])


NUMBERS = frozenset({"decimal", *_INTEGERS})
"""The datatypes whose values are all decimals, by their names in XSD."""
NAMES = frozenset({*_FORMS, *_INTEGERS})
"""The datatypes of XSD that are known, by their names there."""


def why_invalid(literal: ox.Literal) -> str | None:
    """Return why a literal is not valid, in plain words; None where it is.

    Known are the datatypes of XSD 1.1, `rdf:langString` and EDTF level 1; of others every text is
    taken. Source: XML Schema 1.1 Part 2 (W3C Recommendation of 2012-04-05), section 3; BCP 47.
    """
    if literal.language is not None:
        return _tag(literal.language)
    datatype = literal.datatype
    if datatype == EDTF:
        # By need: its grammar takes longer to load than most files take to check.
        from app.rdf import edtf

        try:
            edtf.read(literal.value)
        except ValueError as error:
            return str(error)
        return None
    if datatype == _LANG_STRING:
        return "a text of rdf:langString has a language tag"
    if not datatype.value.startswith(_XSD):
        return None
    name = datatype.value[len(_XSD) :]
    if name in _INTEGERS:
        return _integer(name, literal.value)
    if name not in _FORMS:
        return f"there is no datatype xsd:{name}"
    return _form(name, literal.value)


def whole_number(term: Term | None) -> int | None:
    """Return the value of a valid xsd:integer, None for any other term."""
    if not isinstance(term, ox.Literal) or term.datatype != XSD.integer or why_invalid(term):
        return None
    try:
        return int(term.value)
    except ValueError:
        # Python reads no number of thousands of digits.
        return None


def is_known(datatype: ox.NamedNode) -> bool:
    """Return whether it is known which texts a datatype allows; of others every one is valid."""
    name = datatype.value.removeprefix(_XSD)
    return datatype == EDTF or (name != datatype.value and (name in _INTEGERS or name in _FORMS))


def _tag(tag: str) -> str | None:
    if _TAG.fullmatch(tag):
        return None
    return f"“{tag}” is no language tag: write one such as en, pt or ar-Latn"


def _integer(name: str, text: str) -> str | None:
    if not _INTEGER.fullmatch(text):
        return f"{quoted(text)} is no xsd:{name}: write a whole number such as 16"
    least, most = _INTEGERS[name]
    # Python refuses to read a number of thousands of digits, and no bound needs so many.
    digits = text.lstrip("+-").lstrip("0")
    value = int(text) if len(digits) < 40 else int("-1" if text[0] == "-" else "1") * 10**40
    if (least is not None and value < least) or (most is not None and value > most):
        low, high = "any" if least is None else least, "any" if most is None else most
        return f"{quoted(text)} is no xsd:{name}: it goes from {low} to {high}"
    return None


def _form(name: str, text: str) -> str | None:
    found = _pattern(name).fullmatch(text)
    if found is None:
        example = _FORMS[name][1]
        return f"{quoted(text)} is no xsd:{name}: write {example}"
    parts = found.groupdict()
    if "day" not in parts:
        return None
    if int(parts["day"]) <= _SHORTEST_MONTH:
        return None
    # A day of every year, without one, may be 29 February.
    year, month = int(parts.get("year", "2000")[-4:]), int(parts["month"])
    # The calendar repeats after 400 years, and Python's begins with the year 1.
    length = monthrange(year % 400 + 400, month)[1]
    if int(parts["day"]) > length:
        return f"{quoted(text)}: there is no such day: this month has {length}"
    return None
