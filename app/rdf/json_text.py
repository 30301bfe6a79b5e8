"""JSON as text: every value and key with its offsets.

Source: RFC 8259.
"""

import json
import re
from collections.abc import Iterator

from app.errors import ParseFault
from app.rdf.tokens import shown

_SPACE = r"[ \t\r\n]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?![0-9.A-Za-z])"
_VALUE = re.compile(rf"{_SPACE}(?:({_STRING})|([{{\[])|({_NUMBER}|(?:true|false|null)\b))")
_KEY = re.compile(rf"{_SPACE}({_STRING}){_SPACE}:")
_AFTER = re.compile(rf"{_SPACE}([,}}\]])")
_SPACES = re.compile(_SPACE)


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
                raise self._fault(end, "the end of the text")

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

    def members(self) -> dict[int, list[int]]:
        """Return the members of each object and the items of each array."""
        result: dict[int, list[int]] = {}
        for index, parent in enumerate(self.parents):
            result.setdefault(parent, []).append(index)
        return result

    def _scan(self, at: int) -> int:
        text, kinds, starts, ends = self.text, self.kinds, self.starts, self.ends
        parents, names, key_starts = self.parents, self.names, self.key_starts
        parent, key, key_start = -1, None, -1
        keys: list[set[str]] = []
        while True:
            found = _VALUE.match(text, at)
            if found is None:
                raise self._fault(at, "a value")
            which = found.lastindex or 0
            at = found.end()
            index = len(kinds)
            starts.append(found.start(which))
            ends.append(at)
            parents.append(parent)
            names.append(key)
            key_starts.append(key_start)
            key, key_start = None, -1
            kinds.append('"' if which == 1 else "1" if which == 3 else found[2])
            if which == 2:
                opened = found[2]
                if opened == "{":
                    keys.append(set())
                closed = _AFTER.match(text, at)
                if closed is None or closed[1] != ("}" if opened == "{" else "]"):
                    parent = index
                    if opened == "{":
                        key, key_start, at = self._key(at, keys[-1])
                    continue
                at = ends[index] = closed.end()
                if opened == "{":
                    keys.pop()
            while parent >= 0:
                after = _AFTER.match(text, at)
                inside = kinds[parent]
                if after is None or after[1] == ("]" if inside == "{" else "}"):
                    raise self._fault(at, "“,” or " + ("“}”" if inside == "{" else "“]”"))
                at = after.end()
                if after[1] == ",":
                    if inside == "{":
                        key, key_start, at = self._key(at, keys[-1])
                    break
                ends[parent] = at
                if inside == "{":
                    keys.pop()
                parent = parents[parent]
            else:
                return at

    def _key(self, at: int, known: set[str]) -> tuple[str, int, int]:
        found = _KEY.match(self.text, at)
        if found is None:
            raise self._fault(at, "a key in quotation marks with its colon")
        key = _unquoted(found[1])
        if key in known:
            raise self._fault(found.start(1), f"another key: “{shown(key)}” stands here twice")
        known.add(key)
        return key, found.start(1), found.end()

    def _fault(self, at: int, expected: str) -> ParseFault:
        spaces = _SPACES.match(self.text, at)
        at = spaces.end() if spaces else at
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        what = self.text[at : at + 1]
        if "stands here twice" in expected:
            message = expected.partition(": ")[2]
        else:
            shown_ = f"“{shown(what)}”" if what else "the end of the text"
            message = f"found {shown_} where {expected} was expected"
        return ParseFault(self._path, line, column, message)


def _unquoted(raw: str) -> str:
    return str(json.loads(raw)) if "\\" in raw else raw[1:-1]
