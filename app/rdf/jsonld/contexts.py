"""JSON-LD contexts from local files, put in the place of the references to them.

Nothing is ever fetched: what a text refers to is in the mapping that its reader was given, or the
text is refused. Source: JSON-LD 1.1 sections 3.1, 4.1.9, 9.15; JSON-LD 1.1 API section 4.1.2.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.errors import ParseFault
from app.rdf.iris import is_relative, resolve
from app.rdf.jsonld.terms import JsonTerms
from app.rdf.jsonld.text import JsonText

DEEPEST = 32
"""How many contexts may refer to one another in a row: more is a circle, or as good as one."""

LARGE = 2**12
"""From how many characters a context is cut down to what a text uses of it.

Collections refer to the same large context in each of their documents.
"""

_PLAIN_STRING = re.compile(r'"([^"\\]*)"')
_CONTEXT = re.compile(r'(?<!\\)"@context"[ \t\r\n]*+:[ \t\r\n]*+')


@dataclass(frozen=True)
class WithContexts:
    """A text without references to contexts, and where each part of it comes from."""

    text: str = field(repr=False)
    _starts: list[int] = field(default_factory=lambda: [0], repr=False)
    _origins: list[tuple[int, int]] = field(default_factory=lambda: [(0, 2**62)], repr=False)

    def origin(self, offset: int) -> int:
        """Return the offset in the user's text; of what was put in, that of its reference."""
        index = bisect_right(self._starts, offset) - 1
        start, length = self._origins[index]
        return start + min(offset - self._starts[index], length)


def with_contexts(
    text: str, contexts: Mapping[str, str], path: str = "", base: str | None = None
) -> WithContexts:
    """Return `text` with the contexts that it refers to written out.

    `contexts` has the text of each by its IRI; relative references are resolved against `base`.
    Raises ParseFault, at the reference, for a context that is not there, and at its place for one
    that is no JSON.
    """
    return _Writer(text, contexts, path, base).whole()


class _Writer:
    def __init__(self, text: str, contexts: Mapping[str, str], path: str, base: str | None) -> None:
        self._text, self._contexts = text, contexts
        self._path, self._base = path, base
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._origins: list[tuple[int, int]] = []
        self._size = self._done = 0
        self._references: dict[str, Any] = {}
        # Terms of contexts that were loaded whose values are JSON, and say nothing else.
        self._json: set[str] = set()

    def whole(self) -> WithContexts:
        """Return the text with every reference replaced."""
        at = 0
        while found := _CONTEXT.search(self._text, at):
            at = found.end()
            if self._text.startswith(('"', "{", "["), at) and not self._is_json(found.start()):
                at = self._value(at)
        if not self._parts:
            return WithContexts(self._text)
        self._copy(len(self._text))
        return WithContexts("".join(self._parts), self._starts, self._origins)

    def _is_json(self, key: int) -> bool:
        """Return whether the key that begins at an offset is part of a literal of rdf:JSON."""
        if not self._json and '"@json"' not in self._text:
            return False
        document = self._document
        index = self._members[key]
        return self._terms.in_json[index] or any(
            document.names[one] in self._json for one in document.up(document.parents[index])
        )

    @cached_property
    def _document(self) -> JsonText:
        return JsonText(self._text, self._path)

    @cached_property
    def _terms(self) -> JsonTerms:
        return JsonTerms(self._document)

    @cached_property
    def _members(self) -> dict[int, int]:
        """The numbers of the values, by the offsets of their keys."""
        return {start: index for index, start in enumerate(self._document.key_starts)}

    def _value(self, start: int) -> int:
        """Replace what is remote in the value of an @context; return where it ends."""
        value = JsonText(self._text, self._path, start)
        skip = -1
        for index, kind in enumerate(value.kinds):
            at, end = value.starts[index], value.ends[index]
            if at < skip:
                continue
            parent = value.parents[index]
            # An array of contexts is itself a value of an @context.
            home = parent if parent >= 0 and value.kinds[parent] == "[" else index
            if home != 0 and value.names[home] != "@context":
                continue
            if kind == '"':
                reference = value.string(index)
                loaded = self._references.get(reference)
                if loaded is None:
                    loaded = self._load(reference, at, self._base, ())
                    self._json |= _json_terms(loaded)
                    if len(json.dumps(loaded)) > LARGE:
                        loaded = _only_used(loaded, self._words)
                    self._references[reference] = loaded
                self._replace(at, end, _written(loaded, in_array=home == parent))
            elif kind == "{" and any(value.names[one] == "@import" for one in value.members(index)):
                own = self._own(json.loads(value.raw(index)), at, self._base, ())
                self._json |= _json_terms(own)
                self._replace(at, end, json.dumps(own))
                skip = end
        return value.end

    @cached_property
    def _words(self) -> frozenset[str] | None:
        """Every string of the text, and what stands before its first colon; nothing if unsure."""
        if "\\u" in self._text:
            return None
        strings = _PLAIN_STRING.findall(self._text)
        return frozenset(word for one in strings for word in (one, one.partition(":")[0]))

    def _load(self, reference: str, at: int, base: str | None, chain: tuple[str, ...]) -> Any:
        """Return the context that `reference` names, without references in it."""
        iri = reference
        if is_relative(reference) and base is not None:
            try:
                iri = resolve(reference, base)
            except ValueError as error:
                raise self._fault(at, f"“{reference}” is no IRI here: {error}") from None
        text = self._contexts.get(iri, self._contexts.get(reference))
        if text is None:
            through = f" (in the context {chain[-1]})" if chain else ""
            raise self._fault(
                at,
                f"the context {iri}{through} is not fetched: save it to a file and name that "
                f"with --context {iri}=FILE",
            )
        if len(chain) == DEEPEST or iri in chain:
            raise self._fault(at, f"the context {iri} refers to itself, by way of others or not")
        try:
            document = json.loads(text)
        except ValueError as error:
            raise self._fault(at, f"the file of the context {iri} is no JSON: {error}") from None
        if not isinstance(document, dict) or "@context" not in document:
            raise self._fault(at, f"the file of the context {iri} has no @context at its top")
        return self._remote(document["@context"], at, iri, (*chain, iri))

    def _remote(self, context: Any, at: int, iri: str, chain: tuple[str, ...]) -> Any:
        if isinstance(context, str):
            return self._load(context, at, iri, chain)
        if isinstance(context, list):
            parts: list[Any] = []
            for one in context:
                whole = self._remote(one, at, iri, chain)
                parts += whole if isinstance(whole, list) else [whole]
            return parts
        if isinstance(context, dict):
            # By JSON-LD 1.1 API section 4.1.2, step 5.7, a remote context sets no base.
            own = {key: value for key, value in context.items() if key != "@base"}
            return self._own(own, at, iri, chain)
        return context

    def _own(
        self, context: dict[str, Any], at: int, iri: str | None, chain: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return a context with its import taken in and its scoped contexts written out."""
        merged: dict[str, Any] = {}
        if isinstance(reference := context.get("@import"), str):
            imported = self._load(reference, at, iri, chain)
            if not isinstance(imported, dict):
                raise self._fault(at, f"the context {reference} is imported, and no single object")
            merged |= imported
        merged |= {key: value for key, value in context.items() if key != "@import"}
        for term, definition in merged.items():
            if isinstance(definition, dict) and "@context" in definition:
                scoped = definition["@context"]
                whole = self._scoped(scoped, at, iri, chain)
                merged[term] = {**definition, "@context": whole}
        return merged

    def _scoped(self, context: Any, at: int, iri: str | None, chain: tuple[str, ...]) -> Any:
        if isinstance(context, str):
            return self._load(context, at, iri, chain)
        if isinstance(context, list):
            parts: list[Any] = []
            for one in context:
                whole = self._scoped(one, at, iri, chain)
                parts += whole if isinstance(whole, list) else [whole]
            return parts
        return self._own(context, at, iri, chain) if isinstance(context, dict) else context

    def _replace(self, start: int, end: int, text: str) -> None:
        self._copy(start)
        self._append(text, start, 0)
        self._done = end

    def _copy(self, end: int) -> None:
        self._append(self._text[self._done : end], self._done, 2**62)

    def _append(self, part: str, origin: int, length: int) -> None:
        self._starts.append(self._size)
        self._origins.append((origin, length))
        self._parts.append(part)
        self._size += len(part)

    def _fault(self, at: int, message: str) -> ParseFault:
        line = self._text.count("\n", 0, at) + 1
        return ParseFault(self._path, line, at - self._text.rfind("\n", 0, at), message)


def _json_terms(context: Any) -> set[str]:
    """Return the terms of a context, and of those in it, whose values are JSON."""
    terms: set[str] = set()
    for part in context if isinstance(context, list) else [context]:
        for term, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict):
                terms |= {term} if value.get("@type") == "@json" else set()
                terms |= _json_terms(value.get("@context"))
    return terms


def _only_used(context: Any, words: frozenset[str] | None) -> Any:
    """Return a context without the terms that neither `words` nor its other terms mention."""
    if words is None:
        return context
    parts = context if isinstance(context, list) else [context]
    terms: dict[str, list[Any]] = {}
    for part in parts:
        for term, value in part.items() if isinstance(part, dict) else ():
            terms.setdefault(term, []).append(value)
    used: set[str] = set()
    queue = [term for term in terms if term.startswith("@") or term in words]
    while queue:
        term = queue.pop()
        if term not in used:
            used.add(term)
            queue += [word for word in _words_of(terms[term]) if word in terms]
    cut = [
        {term: value for term, value in part.items() if term in used}
        if isinstance(part, dict)
        else part
        for part in parts
    ]
    return cut if isinstance(context, list) else cut[0]


def _words_of(value: Any) -> set[str]:
    strings = _PLAIN_STRING.findall(json.dumps(value, ensure_ascii=False))
    return {word for one in strings for word in (one, one.partition(":")[0])}


def _written(context: Any, *, in_array: bool) -> str:
    """Return a context as text; arrays of contexts do not nest."""
    if in_array and isinstance(context, list):
        return ",".join(map(json.dumps, context)) or "{}"
    return json.dumps(context)
