"""What the contexts of a JSON-LD text say of its keys, without regard to where they hold.

Enough to know which keys are no properties; what they mean, the parser says.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from pyoxigraph import NamedNode

from app.rdf.jsonld.text import JsonText


class JsonTerms:
    """The terms of all contexts in a text.

    `in_context` tells of each value whether it is part of a context; `meanings` has what each
    term is defined as (an IRI as it is written, or a keyword), `containers` its containers;
    `in_json` tells of each value whether it is part of a literal of rdf:JSON.
    """

    def __init__(self, document: JsonText) -> None:
        self._document = document
        self.in_context: list[bool] = []
        self._json: set[str | None] = set()
        self.meanings: dict[str, set[str]] = defaultdict(set)
        self.containers: dict[str, set[str]] = defaultdict(set)
        names, parents = document.names, document.parents
        inside = self.in_context
        for index, name in enumerate(names):
            parent = parents[index]
            inside.append(name == "@context" or (parent >= 0 and inside[parent]))
            if inside[index] and document.kinds[index] == '"':
                self._define(index)
        self.meanings.default_factory = None
        self._keywords = {
            term: next((m for m in sorted(meant) if m.startswith("@")), None)
            for term, meant in self.meanings.items()
        }
        self.in_json: list[bool] = []
        for index, name in enumerate(names):
            parent = parents[index]
            literal = name in self._json or (
                document.kinds[index] in "{[" and self.meaning(name or "") == "@value"
            )
            self.in_json.append(literal or (parent >= 0 and self.in_json[parent]))

    def _define(self, index: int) -> None:
        document = self._document
        name, parent = document.names[index], document.parents[index]
        if name is None and parent >= 0:
            name, parent = document.names[parent], document.parents[parent]
        term = document.names[parent] if parent >= 0 else None
        if name == "@id" and term is not None:
            self.meanings[term].add(document.string(index))
        elif name == "@type" and term is not None and document.string(index) == "@json":
            self._json.add(term)
        elif name == "@container" and term is not None:
            self.containers[term].add(document.string(index))
        elif name is not None and not name.startswith("@"):
            self.meanings[name].add(document.string(index))

    def meaning(self, name: str) -> str | None:
        """Return the keyword that a key is or stands for, if any."""
        return name if name.startswith("@") else self._keywords.get(name)

    def keyword(self, index: int) -> str | None:
        """Return the keyword under whose key a value stands, if it does."""
        document = self._document
        while document.names[index] is None and document.parents[index] >= 0:
            index = document.parents[index]
        return self.meaning(document.names[index] or "")

    def shape(self, index: int) -> str:
        """Return the keys by which a value is reached: those of one shape are used alike."""
        names = [self._document.names[i] for i in self._document.up(index)]
        return "/".join([name for name in names if name is not None][:4])

    def likeness(self, text: str, iri: object) -> int:
        """Return how likely a key or a string is to be written for an IRI: 0 for not at all."""
        if not text or not isinstance(iri, NamedNode):
            return 0
        best = 0
        for one in (text, *self.meanings.get(text, ())):
            local = one.partition(":")[2] or one
            if one == iri.value:
                return 3
            if iri.value.endswith(local):
                begins = len(iri.value) - len(local)
                best = max(best, 2 if iri.value[begins - 1 : begins] in "/#:?=" else 1)
        return best

    def likest(
        self, indexes: Iterable[int], written: Callable[[int], str], iri: NamedNode
    ) -> list[int]:
        """Return those of some values whose text is the likeliest to be written for an IRI."""
        ranks = {index: self.likeness(written(index), iri) for index in indexes}
        best = max(ranks.values(), default=0)
        return [index for index, rank in ranks.items() if rank == best > 0]
