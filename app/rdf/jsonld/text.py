"""JSON as text: every value and key with its offsets.

Source: RFC 8259.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from app.errors import ParseFault
from app.rdf.tokens import shown

_SPACE = r"[ \t\r\n]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![0-9.A-Za-z])"
# A value, with the mark behind it if it is no container; an empty one is taken whole.
_VALUE = (
    rf"(?:({_STRING})|({_NUMBER}|(?:true|false|null)\b)"
    rf"|(\{{{_SPACE}\}}|\[{_SPACE}\])|([{{\[]))(?:(?<![{{\[]){_SPACE}([,}}\]]))?+"
)
_MEMBER = re.compile(rf"{_SPACE}({_STRING}){_SPACE}:{_SPACE}{_VALUE}")
_ITEM = re.compile(rf"{_SPACE}{_VALUE}")
_KEY = re.compile(rf"{_SPACE}({_STRING}){_SPACE}:{_SPACE}")
_AFTER = re.compile(rf"{_SPACE}([,}}\]])")
_SPACES = re.compile(_SPACE)
_CLOSERS = {"{": "}", "[": "]"}

DEEPEST = 900
"""How deep brackets may nest. Python 3.11 reads little further; later ones do, and what reads the
document after them would end by it."""
_ELSE = re.compile(rf'{_STRING}|[^\[\]{{}}"]++')
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}


def require_json(text: str, path: str = "") -> None:
    """Raise ParseFault, at its place, where a text is no JSON or an object has a key twice.

    RFC 8259 leaves it to each reader what a second key means; so nobody can rely on it. It also
    allows a limit of depth: a quick reader would take memory without end for a context at each.
    """

    def members(pairs: list[tuple[str, object]]) -> None:
        if len(dict(pairs)) < len(pairs):
            raise ValueError

    def constant(name: str) -> None:
        raise ValueError

    try:
        # The quick reader says whether something is wrong, ours says where.
        json.loads(
            text,
            object_pairs_hook=members,
            parse_int=bool,
            parse_float=bool,
            parse_constant=constant,
        )
    except ValueError:
        JsonText(text, path)
    except RecursionError:
        JsonText(text, path).require_flat()
    else:
        if _depth(text) > DEEPEST:
            JsonText(text, path).require_flat()


def _depth(text: str) -> int:
    """Return how many brackets of a JSON text stand in each other, at the most."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return 0
    return max(accumulate(map(_STEPS.__getitem__, _ELSE.sub("", text))))


class JsonText:
    """The values of a JSON text, numbered in the order in which they begin; the first is the whole.

    Of each: `kinds` ('{', '[', '"', or '1' for numbers and words), `starts` and `ends` (the
    offset behind it), `parents` (-1 for the whole), and, where it is a member of an object, its
    key in `names` (else nothing) and the offset of that key in `key_starts` (else -1).
    """

    def __init__(self, text: str, path: str = "", start: int = 0) -> None:
        """Read the value that begins at `start`; behind one that begins at 0 nothing may follow.

        Raises ParseFault where the text is no JSON, and for a key that an object has twice.
        """
        self.text, self._path = text, path
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.parents: list[int] = []
        self.names: list[str | None] = []
        self.key_starts: list[int] = []
        self.end = self._scan(start)
        if start == 0:
            rest = _SPACES.match(text, self.end)
            end = rest.end() if rest else self.end
            if end < len(text):
                raise self._unexpected(end, "the end of the text")

    def __len__(self) -> int:
        return len(self.starts)

    def raw(self, index: int) -> str:
        """Return a value as it is written."""
        return self.text[self.starts[index] : self.ends[index]]

    def string(self, index: int) -> str:
        """Return what a string stands for."""
        return _unquoted(self.raw(index))

    def key_end(self, index: int) -> int:
        """Return the offset behind the key of a member."""
        found = _KEY.match(self.text, self.key_starts[index])
        return found.end(1) if found else self.key_starts[index]

    def up(self, index: int) -> Iterator[int]:
        """Yield a value and everything that it is in, from the inside out."""
        while index >= 0:
            yield index
            index = self.parents[index]

    def members(self, index: int) -> Iterator[int]:
        """Yield the members of an object, or the items of an array."""
        end, starts, ends = self.ends[index], self.starts, self.ends
        one = index + 1
        while one < len(starts) and starts[one] < end:
            yield one
            one = bisect_left(starts, ends[one], one + 1)

    def require_flat(self) -> None:
        """Raise ParseFault at the first bracket that stands in more than DEEPEST others."""
        depths: list[int] = []
        for parent, start in zip(self.parents, self.starts, strict=True):
            depths.append(depths[parent] + 1 if parent >= 0 else 0)
            if depths[-1] > DEEPEST:
                message = f"brackets nest deeper than {DEEPEST}, the most that is read here"
                raise self._fault(start, message)

    def _scan(self, at: int) -> int:
        text, kinds, starts, ends = self.text, self.kinds, self.starts, self.ends
        parents, names, key_starts = self.parents, self.names, self.key_starts
        parent, inside = -1, ""
        keys: list[set[str]] = []
        own: set[str] = set()
        while True:
            index = len(kinds)
            if inside == "{":
                found = _MEMBER.match(text, at)
                if found is None:
                    raise self._no_member(at)
                start, end = found.span(1)
                key = text[start + 1 : end - 1]
                if "\\" in key:
                    key = _unquoted(text[start:end])
                if key in own:
                    raise self._fault(start, f"“{shown(key)}” stands here twice")
                own.add(key)
                names.append(key)
                key_starts.append(start)
                first = 2
            else:
                found = _ITEM.match(text, at)
                if found is None:
                    raise self._unexpected(at, "a value")
                names.append(None)
                key_starts.append(-1)
                first = 1
            which = found.lastindex or first
            after = None
            if which == first + 4:
                after = found[which]
                which = first
                while found.start(which) < 0:
                    which += 1
            start, at = found.span(which)
            starts.append(start)
            ends.append(at)
            parents.append(parent)
            kinds.append(text[start] if which != first + 1 else "1")
            if which == first + 3:
                parent, inside = index, text[start]
                keys.append(own)
                own = set()
                continue
            if after is not None:
                at = found.end()
            while parent >= 0:
                if after is None:
                    closing = _AFTER.match(text, at)
                    if closing is None:
                        raise self._unclosed(at, inside)
                    after, at = closing[1], closing.end()
                if after == ",":
                    break
                if after != _CLOSERS[inside]:
                    raise self._unclosed(at - 1, inside)
                ends[parent] = at
                parent = parents[parent]
                inside = kinds[parent] if parent >= 0 else ""
                own = keys.pop()
                after = None
            else:
                return at

    def _no_member(self, at: int) -> ParseFault:
        found = _KEY.match(self.text, at)
        if found is None:
            return self._unexpected(at, "a key in quotation marks with its colon")
        return self._unexpected(found.end(), "a value")

    def _unclosed(self, at: int, inside: str) -> ParseFault:
        return self._unexpected(at, f"“,” or “{_CLOSERS[inside]}”")

    def _unexpected(self, at: int, expected: str) -> ParseFault:
        spaces = _SPACES.match(self.text, at)
        at = spaces.end() if spaces else at
        one = self.text[at : at + 1]
        what = f"“{shown(one)}”" if one else "the end of the text"
        return self._fault(at, f"found {what} where {expected} was expected")

    def _fault(self, at: int, message: str) -> ParseFault:
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return ParseFault(self._path, line, column, message)


def _unquoted(raw: str) -> str:
    return str(json.loads(raw)) if "\\" in raw else raw[1:-1]
