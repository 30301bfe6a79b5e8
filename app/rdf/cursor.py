"""The token at hand, and the term that it stands for."""

from hashlib import blake2b

from pyoxigraph import BlankNode, Literal, NamedNode

from app.namespaces import XSD
from app.rdf.iris import is_relative, resolve
from app.rdf.tokens import TOKEN, GrammarError, refusal, shown, unescape

_KINDS = ("", *TOKEN.groupindex)
_INTEGER, _DECIMAL, _DOUBLE = XSD.integer, XSD.decimal, XSD.double


class Cursor:
    """A text, token by token: `kind`, `value` and `at` are those of the token at hand.

    Where `plain` is set, IRIs are written in full (as in N-Triples): no base, no prefixes. A kind
    is the name of a group of `TOKEN` or, for a mark, the mark itself.
    """

    kind: str
    value: str
    at: int

    def __init__(self, text: str, base: str | None, *, plain: bool) -> None:
        self.text = text
        self.plain = plain
        self.prefixes: dict[str, str] = {}
        self._base = base
        self._iris: dict[str, NamedNode] = {}
        self._names: dict[str, NamedNode] = {}
        self.labels: dict[str, BlankNode] = {}
        self._made = 0
        self._stem = ""
        self._matches = TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0)
        self.before = self.end = 0
        self.advance()

    def advance(self) -> None:
        """Take the next token in hand; `before` is where the last one ended."""
        match = next(self._matches)
        group = match.lastindex or 0
        kind = _KINDS[group]
        self.value = value = match[group]
        self.at = match.start(group)
        self.kind = value if kind == "mark" else kind
        self.before = self.end
        self.end = match.end()

    def refuse(self, expected: str, remedy: str = "") -> GrammarError:
        """Return the slip to raise where the token at hand is not what is expected."""
        message = refusal(self.text, self.kind, self.value, self.at, expected)
        if self.kind == "word" and not remedy:
            remedy = "a name has a prefix with a colon, and a text quotation marks"
            small = self.value.lower()
            if small in ("a", "true", "false") and small != self.value:
                remedy = f"“{small}” is written in small letters"
        return GrammarError(self.at, f"{message}; {remedy}" if remedy else message)

    def declare(self, prefix: str, iri: NamedNode) -> None:
        """Let `prefix` stand for `iri` from here on."""
        self.prefixes[prefix] = iri.value
        self._names.clear()

    def rebase(self, iri: NamedNode) -> None:
        """Let relative IRIs be relative to `iri` from here on."""
        self._base = iri.value
        self._iris.clear()

    def iri(self) -> NamedNode:
        """The IRI that the `iri` at hand stands for, resolved; it stays at hand."""
        known = self._iris.get(self.value)
        if known is not None:
            return known
        text = self.value[1:-1]
        if "\\" in text:
            text = unescape(text, self.at + 1, iri=True)
        if self._base is not None and not self.plain:
            try:
                if is_relative(text):
                    NamedNode(f"x:{text}")  # what “..” takes away must be an IRI's too
                text = resolve(text, self._base)
            except ValueError as error:
                raise GrammarError(
                    self.at, f"{shown(self.value)} is no IRI here: {error}"
                ) from None
        elif is_relative(text):
            remedy = "write it in full" if self.plain else "write it in full, or declare a @base"
            raise GrammarError(self.at, f"{shown(self.value)} is relative, to no base; {remedy}")
        node = self._iris[self.value] = self._node(text)
        return node

    def name(self) -> NamedNode:
        """The IRI that the prefixed `name` at hand stands for; it stays at hand."""
        known = self._names.get(self.value)
        if known is not None:
            return known
        prefix, local = self.value.split(":", 1)
        space = self.prefixes.get(prefix)
        if space is None:
            remedy = f"write @prefix {shown(prefix)}: <…> . before its first use"
            raise GrammarError(self.at, f"the prefix “{shown(prefix)}:” is not declared; {remedy}")
        node = self._names[self.value] = self._node(space + local.replace("\\", ""))
        return node

    def _node(self, iri: str) -> NamedNode:
        try:
            return NamedNode(iri)
        except ValueError as error:
            raise GrammarError(
                self.at, f"<{shown(iri)}> is not an IRI: {shown(str(error))}"
            ) from None

    def blank(self) -> BlankNode:
        """The blank node that the label at hand stands for; it stays at hand."""
        node = self.labels.get(self.value)
        if node is None:
            node = self.labels[self.value] = self.new()
        return node

    def new(self) -> BlankNode:
        """Return a blank node that this text has not used and that no other text ever will."""
        if not self._stem:
            text = self.text.encode("utf-8", "surrogatepass")
            self._stem = "b" + blake2b(text, digest_size=8).hexdigest()
        self._made += 1
        return BlankNode(f"{self._stem}n{self._made}")

    def number(self) -> Literal:
        """The literal that the number at hand stands for; it stays at hand."""
        if "e" in self.value or "E" in self.value:
            return Literal(self.value, datatype=_DOUBLE)
        return Literal(self.value, datatype=_DECIMAL if "." in self.value else _INTEGER)

    def literal(self) -> Literal:
        """The literal that starts with the string at hand; what follows it is then at hand."""
        at, marks = self.at, 3 if self.kind == "long" else 1
        text = self.value[marks:-marks]
        if "\\" in text:
            text = unescape(text, at + marks)
        try:
            literal = Literal(text)
        except ValueError:
            raise GrammarError(
                at, "this string holds half of a surrogate pair, which is no text"
            ) from None
        self.advance()
        if self.kind == "tag":
            literal = self._tagged(text)
        elif self.kind == "^^":
            self.advance()
            literal = self._typed(text)
        else:
            return literal
        self.advance()
        return literal

    def _typed(self, text: str) -> Literal:
        if self.kind == "iri":
            return Literal(text, datatype=self.iri())
        if self.kind == "name" and not self.plain:
            return Literal(text, datatype=self.name())
        raise self.refuse("the IRI of a datatype")

    def _tagged(self, text: str) -> Literal:
        if self.text.startswith("--", self.end):
            raise GrammarError(self.end, "the direction of a text is of RDF 1.2 and not read here")
        try:
            return Literal(text, language=self.value[1:])
        except ValueError as error:
            message = f"“{shown(self.value)}” is not a language tag of BCP 47: {error}"
            raise GrammarError(self.at, message) from None
