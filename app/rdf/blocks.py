"""The few statements of a large text that are about given terms, read without reading the rest.

Where a subject is written, the text is cut from the end of the statement before it to the end of
its own, and only these blocks are given to the reader that keeps places, behind the directives
that hold for them. Whether a character stands in a string, an IRI or a comment can be told from
the beginning of its line, since only long strings cross lines; so nothing but the neighbourhood
of what is sought is looked at, unless the text has long strings.

What is missed here is missed on the safe side: a statement whose end is not seen enlarges its
block. Source: RDF 1.1 Turtle section 6, RDF 1.1 TriG section 4, RDF 1.1 N-Triples section 7.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import BlankNode, NamedNode

from app.errors import ParseFault
from app.rdf.iris import resolve
from app.rdf.parser import Statement, Syntax, read
from app.rdf.spellings import spellings_of
from app.rdf.tokens import PREFIX, TOKEN

_STRING = r"""
      "(?:[^"\\\r\n]++|\\.)*+" | '(?:[^'\\\r\n]++|\\.)*+'
"""
_LONG = r"""
      \"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*+'''
"""
_ASIDE = rf"{_LONG} | {_STRING} | <[^>\r\n]*+> | \#[^\r\n]*+"
# A full stop inside a name or a number is followed by what a statement never begins with.
_INNER = r"""\.(?<![>"'\])]\.)(?![\s\#<\[({}"']|\Z)"""
# Both always match, if only one character that belongs nowhere: a search that fails at one place
# would begin again at the next.
_MARKS = re.compile(
    rf"(?: [^\"'<\#.{{}}\\]++ | \\. | {_ASIDE} | {_INNER} )*+ (?: (?P<mark> [.{{}}] | \Z ) | . )",
    re.VERBOSE | re.DOTALL,
)
_LONG_STRINGS = re.compile(
    rf"(?: [^\"'<\#\\]++ | \\. | (?!\"\"\"|''') (?:{_STRING}) | <[^>\r\n]*+> | \#[^\r\n]*+ )*+"
    rf"(?: (?P<long>{_LONG}) | \Z | . )",
    re.VERBOSE | re.DOTALL,
)
_ASIDES = re.compile(_ASIDE, re.VERBOSE | re.DOTALL)
_SPACE = r"(?:[ \t\r\n]++|\#[^\r\n]*+)*+"
_DIRECTIVE = re.compile(
    rf"(?:@prefix|(?i:prefix)){_SPACE}(?P<prefix>(?:{PREFIX})?):{_SPACE}<(?P<space>[^>\r\n]*)>"
    rf"(?:{_SPACE}\.)?+"
    rf"|(?:@base|(?i:base)){_SPACE}<(?P<base>[^>\r\n]*)>(?:{_SPACE}\.)?+"
)
_NAME_END = re.compile(r"(?![\w\-\u00b7%\\:]|\.[\w\-\u00b7%\\:])")
_BEFORE = frozenset(" \t\r\n.{}>\ufeff")
_LINE = re.compile(r"[ \t\ufeff]*+(?P<subject><[^>\r\n]*+>|_:[^\s<\"]*+)[^\r\n]*+|[^\r\n]++")
_WINDOW = 4096

MANY = 100
"""From how many spellings a text is walked through once, and not searched for each."""


@dataclass(frozen=True)
class _Block:
    """A part of the text from `start` to `end`; in a graph, its label is at `label`."""

    start: int
    end: int
    label: tuple[int, int] | None = None


@dataclass
class _Layout:
    """What holds for a text as a whole: its directives and where long strings are."""

    text: str
    base: str | None
    longs: list[tuple[int, int]] = field(default_factory=list)
    directives: list[tuple[int, int]] = field(default_factory=list)
    prefixes: dict[str, set[str]] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)
    _bare: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = self.text
        if '"""' in text or "'''" in text:
            self.longs = [m.span("long") for m in _LONG_STRINGS.finditer(text) if m["long"]]
        self._long_starts = [start for start, _ in self.longs]
        base = self.base
        if base is not None:
            self.bases.append(base)
        for at in _keywords(text):
            found = _DIRECTIVE.match(text, at)
            if found is None or (at and text[at - 1] not in _BEFORE) or not self.is_bare(at):
                continue
            self.directives.append(found.span())
            try:
                iri = found["space"] if found["base"] is None else found["base"]
                iri = resolve(iri, base) if base is not None else iri
            except ValueError:
                continue
            if found["base"] is not None:
                base = iri
                self.bases.append(iri)
            else:
                self.prefixes.setdefault(found["prefix"], set()).add(iri)

    def line_start(self, at: int) -> int:
        """The nearest place before `at` that is in no string, IRI or comment: mostly its line's."""
        while True:
            start = _line_start(self.text, at)
            index = bisect_right(self._long_starts, start) - 1
            if index < 0 or self.longs[index][1] <= start:
                return start
            at = self.longs[index][0]

    def brace_before(self, at: int) -> int:
        """Where the last brace before `at` is that opens or closes a graph; -1 for none."""
        index = bisect_left(self._braces, at) - 1
        while index >= 0:
            brace = self._braces[index]
            if brace not in self._bare:
                self._bare[brace] = self.is_bare(brace)
            if self._bare[brace]:
                return brace
            index -= 1
        return -1

    @cached_property
    def _braces(self) -> list[int]:
        return [brace.start() for brace in re.finditer(r"[{}]", self.text)]

    def is_bare(self, at: int) -> bool:
        """Whether `at` is in no string, IRI or comment."""
        position = self.line_start(at)
        for aside in _ASIDES.finditer(self.text, position):
            if aside.start() >= at:
                break
            if aside.end() > at:
                return False
        return True


def _line_start(text: str, at: int) -> int:
    """Return where the line begins in which `at` is; LF and CR end one."""
    start = text.rfind("\n", 0, at) + 1
    return max(start, text.rfind("\r", start, at) + 1)


def _keywords(text: str) -> Iterator[int]:
    """Yield where a directive may begin, in the order of the text."""
    # A byte for each character: to search small letters in bytes is many times faster than either
    # in a text.
    lowered = text.encode("ascii", "replace").lower()
    starts = [m.start() for word in (b"prefix", b"base") for m in re.finditer(word, lowered)]
    for at in sorted(starts):
        yield at - (at > 0 and text[at - 1] == "@")


@dataclass(frozen=True)
class Cut:
    """Statements of a text with their offsets in it; `labels` as in a document."""

    statements: list[Statement]
    labels: dict[str, BlankNode]


def about(
    text: str,
    syntax: Syntax,
    subjects: Iterable[NamedNode | BlankNode],
    base: str | None = None,
) -> Cut | None:
    """Return the statements in the blocks whose subject is one of `subjects`.

    With them come others that stand in the same blocks. A blank node is sought by its label.
    Nothing where the cut cannot be read alone, so that the whole text must be. Subjects in
    unusual spellings (needless escapes, IRIs relative by “..”) are not seen. `base` as in `read`.
    """
    if syntax in (Syntax.N_TRIPLES, Syntax.N_QUADS):
        return _read(text, syntax, base, [], _lines(text, subjects))
    layout = _Layout(text, base)
    spellings = {
        spelling
        for subject in subjects
        for spelling in spellings_of(subject, layout.prefixes, layout.bases)
    }
    starts: set[int] = set()
    if len(spellings) > MANY:
        starts.update(at for token, at in _first_tokens(layout) if token in spellings)
    else:
        for spelling in spellings:
            starts.update(_starts(text, spelling, layout))
    found: dict[int, _Block] = {}
    end = -1
    for at in sorted(starts):
        if at >= end:
            block = _block(layout, at, syntax)
            if block is None:
                return None
            if block.end > at:
                found[block.start] = block
                end = block.end
    return _read(text, syntax, base, layout.directives, list(found.values()))


def _lines(text: str, subjects: Iterable[NamedNode | BlankNode]) -> list[_Block]:
    spellings = set(map(str, subjects))
    if len(spellings) > MANY:
        return [
            _Block(*line.span()) for line in _LINE.finditer(text) if line["subject"] in spellings
        ]
    spans: set[tuple[int, int]] = set()
    for spelling in spellings:
        at = text.find(spelling)
        while at >= 0:
            start = _line_start(text, at)
            before = text[start:at]
            at += len(spelling)
            if not before.strip(" \t\ufeff"):
                end = text.find("\n", at)
                spans.add((start, len(text) if end < 0 else end))
            at = text.find(spelling, at)
    return [_Block(start, end) for start, end in sorted(spans)]


def _starts(text: str, spelling: str, layout: _Layout) -> Iterator[int]:
    """Yield where `spelling` stands as a whole token that may begin a statement."""
    at = text.find(spelling)
    name = not spelling.startswith("<")
    while at >= 0:
        end = at + len(spelling)
        whole = not name or _NAME_END.match(text, end)
        if whole and _begins(text, at, layout) and layout.is_bare(at):
            yield at
        at = text.find(spelling, end)


def _first_tokens(layout: _Layout) -> Iterator[tuple[str, int]]:
    """Yield the token that each statement begins with, and where it stands."""
    text, ends, at = layout.text, dict(layout.directives), 0
    for mark in _MARKS.finditer(text):
        if mark["mark"] is None:
            continue
        token = TOKEN.match(text, at)
        while token is not None and token.start(token.lastindex or 0) in ends:
            token = TOKEN.match(text, ends[token.start(token.lastindex or 0)])
        if token is not None:
            yield token[token.lastindex or 0], token.start(token.lastindex or 0)
        at = mark.end()


def _begins(text: str, at: int, layout: _Layout) -> bool:
    """Whether the token at `at` may begin a statement: what stands before it ends one.

    A comment before it hides what that is, and is taken for an end, as is an IRI, which may be
    that of a directive.
    """
    start = max(0, at - 256)
    before = text[start:at]
    bare = before.rstrip(" \t\r\n\ufeff")
    if not bare:
        return True
    line = bare[max(bare.rfind("\n"), bare.rfind("\r")) + 1 :]
    if "#" in line and len(bare) < len(before) and ("\n" in before[len(bare) :] or "\r" in before):
        return True
    if bare[-1] in ".{}":
        return True
    if bare[-1] != ">":
        return False
    # Only a directive without a full stop ends with an IRI; it is at hand already.
    closing = start + len(bare)
    index = bisect_right(layout.directives, (closing, closing)) - 1
    return index >= 0 and layout.directives[index][1] == closing


def _block(layout: _Layout, at: int, syntax: Syntax) -> _Block | None:
    """Return the block around `at`: from the end of the statement before to the end of its own.

    Empty where `at` names a graph, so that no statement is about it; nothing where the braces
    around it are not understood.
    """
    text = layout.text
    start = _start(layout, at, syntax)
    label = None
    brace = layout.brace_before(at) if syntax is Syntax.TRIG else -1
    if brace >= 0 and text[brace] == "{":
        label = (_start(layout, brace, syntax), brace + 1)
    for match in _MARKS.finditer(text, start):
        end, mark = match.end(), match["mark"]
        if end < at or mark is None:
            continue
        if mark == "{" and label is None:
            return _Block(at, at)
        if mark == "{" or (mark == "}" and label is None):
            return None
        return _Block(start, end - (mark == "}"), label)
    return None


def _start(layout: _Layout, at: int, syntax: Syntax) -> int:
    """Return where the statement around `at` begins: behind the full stop or brace before it."""
    floor = layout.brace_before(at) + 1 if syntax is Syntax.TRIG else 0
    window = _WINDOW
    while True:
        origin = max(floor, layout.line_start(max(floor, at - window)))
        marks = _marks(layout.text, origin, at)
        if marks or origin == floor:
            return marks[-1] if marks else floor
        window *= 4


def _marks(text: str, start: int, end: int) -> list[int]:
    """Return where full stops between statements end, from `start` to `end`."""
    marks: list[int] = []
    for match in _MARKS.finditer(text, start):
        if match.end() > end or match["mark"] == "":
            break
        if match["mark"] is not None:
            marks.append(match.end())
    return marks


def _read(
    text: str,
    syntax: Syntax,
    base: str | None,
    directives: list[tuple[int, int]],
    blocks: list[_Block],
) -> Cut | None:
    """Read the blocks behind the directives before each, with the offsets of the whole text."""
    cut: list[str] = []
    starts: list[int] = []
    shifts: list[int] = []
    size = 0

    def append(start: int, end: int) -> None:
        nonlocal size
        starts.append(size)
        shifts.append(start - size)
        part = text[start:end] + "\n"
        cut.append(part)
        size += len(part)

    following = 0
    for block in blocks:
        first = block.start if block.label is None else block.label[0]
        while following < len(directives) and directives[following][0] < first:
            append(*directives[following])
            following += 1
        # A block may begin with directives that have no full stop; they come with it.
        while following < len(directives) and directives[following][0] < block.end:
            following += 1
        if block.label is not None:
            append(*block.label)
        append(block.start, block.end)
        if block.label is not None:
            append(len(text), len(text))
            cut.append("}\n")
            size += 2
    try:
        document = read("".join(cut), "", syntax, base)
    except ParseFault:
        return None

    def whole(offset: int) -> int:
        return offset if offset < 0 else offset + shifts[bisect_right(starts, offset) - 1]

    return Cut(
        [
            Statement(s.quad, whole(s.subject), whole(s.predicate), whole(s.object), whole(s.graph))
            for s in document.statements
        ],
        document.labels,
    )
