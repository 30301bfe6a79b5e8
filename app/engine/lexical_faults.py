"""What is wrong in a query below its grammar: IRIs that do not end, escapes that mean nothing.

The engine's parser goes back from such a fault and complains of something else, far from it.
"""

import re
from dataclasses import dataclass

from app.engine.analysis import tokens
from app.rdf.iris import is_absolute, is_relative

_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
# SPARQL 1.1, section 19.8: as much of an IRI as can be read.
_IRI = re.compile(rf"<((?:[^\x00-\x20<>\"{{}}|^`\\]|{_ESCAPE})*+)")
# What no prefixed name is followed by, and almost every IRI has.
_WITH_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*+://")
_ESCAPED = re.compile(rf"{_ESCAPE}|\\.", re.DOTALL)
_LETTERS = frozenset("tbnrf\\\"'")
_ESCAPES = r"""\t \b \n \r \f \\ \" \' \uXXXX \UXXXXXXXX"""
# What an operator may follow; any other word, or mark, stands before an operand.
_OPERANDS = frozenset({"iri", "string", "variable", "blank", "pname", "tag"})
_OPERAND_ENDS = frozenset({"true", "false", *").0123456789"})
_CALLED = {" ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a line break"}
# So much of an IRI is shown.
_SHOWN = 60


@dataclass(frozen=True)
class LexicalFault:
    """A fault at a place in a text, in words, and what may stand there.

    `begins` is where the token begins that is at fault.
    """

    begins: int
    place: int
    what: str
    expected: tuple[str, ...] = ()


def lexical_fault(text: str) -> LexicalFault | None:
    """Return the first fault of a text that no grammar can mend; None where there is none."""
    brackets: list[str] = []
    before = group_before = ""
    for place, group, written in tokens(text):
        fault = None
        if group == "open":
            quote = written[0]
            fault = _without_end(place, quote * 3 if written.startswith(quote * 3) else quote)
        elif group == "string":
            fault = _escape_fault(place, written, group)
        elif group == "iri":
            fault = _escape_fault(place, written, group) or _meaning_fault(place, written)
        elif group == "mark" and written == "<":
            operand = group_before in _OPERANDS or before.lower() in _OPERAND_ENDS
            # In an expression, which stands in round brackets, it may be less than; after another
            # one it may begin a triple.
            other = (operand and brackets[-1:] == ["("]) or text[max(0, place - 1) : place] == "<"
            if text[place + 1 : place + 2] not in ("<", "=") and (
                not other or _WITH_AUTHORITY.match(text, place + 1)
            ):
                fault = _iri_fault(text, place)
        elif group == "mark" and written in "([{":
            brackets.append(written)
        elif group == "mark" and written in ")]}" and brackets:
            brackets.pop()
        if fault is not None:
            return fault
        before, group_before = written, group
    return None


def _iri_fault(text: str, place: int) -> LexicalFault:
    match = _IRI.match(text, place)
    readable = match[1] if match else ""
    end, beginning = place + 1 + len(readable), _shown(readable)
    if end == len(text):
        what = f"the IRI that begins with <{beginning} does not end"
        return LexicalFault(place, place, what, (">",))
    bad = text[end]
    if bad == "\\":
        what = f"in an IRI (<{beginning}) “\\” begins \\uXXXX or \\UXXXXXXXX and nothing else"
        return LexicalFault(place, end, what)
    called = _CALLED.get(bad) or (f"“{bad}”" if bad.isprintable() else f"U+{ord(bad):04X}")
    what = f"{called} may not stand in an IRI, and the one that begins with <{beginning} has no end"
    return LexicalFault(place, end, what, (">",))


def _shown(iri: str) -> str:
    return iri if len(iri) <= _SHOWN else f"{iri[:_SHOWN]}…"


def _without_end(place: int, quote: str) -> LexicalFault:
    what = f"the string that begins with {quote} does not end"
    if len(quote) == 1:
        what += f" on its line; one of several lines stands between {quote * 3}"
    return LexicalFault(place, place, what, (quote,))


def _meaning_fault(place: int, written: str) -> LexicalFault | None:
    iri = re.sub(_ESCAPE, lambda match: chr(int(match[0][2:], 16)), written[1:-1])
    # What is relative means something with its base alone.
    if is_relative(iri) or is_absolute(iri):
        return None
    return LexicalFault(place, place, f"<{_shown(written[1:-1])}> is no IRI (RFC 3987)")


def _escape_fault(place: int, written: str, group: str) -> LexicalFault | None:
    for match in _ESCAPED.finditer(written):
        if what := _why_no_escape(match[0], written[match.end() :], group):
            return LexicalFault(place, place + match.start(), what)
    return None


def _why_no_escape(escape: str, following: str, group: str) -> str | None:
    """Return why an escape stands for no character, with what to write instead; None if it does."""
    if len(escape) == 2:
        if escape[1] in _LETTERS or group == "iri":
            return None
        return f"“{escape}” is no escape of a string; these are {_ESCAPES}"
    number = int(escape[2:], 16)
    if 0xD800 <= number < 0xE000:
        character = _pair(number, following)
        other = f", or \\U{character:08X}" if character else ""
        return f"“{escape}” is a surrogate and no character; write the character itself{other}"
    if number > 0x10FFFF:
        return f"“{escape}” is no character: the last one is \\U0010FFFF"
    return None


def _pair(high: int, following: str) -> int | None:
    """Return the character that a surrogate stands for with the escape that follows it."""
    match = re.match(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})", following)
    if match is None or high >= 0xDC00:
        return None
    return 0x10000 + ((high - 0xD800) << 10) + (int(match[1], 16) - 0xDC00)
