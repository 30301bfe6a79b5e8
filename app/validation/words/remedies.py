"""What to write instead of what is at fault, as a sentence."""

from collections.abc import Callable, Mapping

import pyoxigraph as ox

from app.namespaces import RDF, RDFS, SH
from app.rdf.terms import Term
from app.validation import suggestions
from app.validation.engines.base import Result
from app.validation.nearest import Nearest
from app.validation.paths import PredicatePath
from app.validation.suggestions import Members, Suggestion
from app.validation.words.counts import allowed_properties
from app.validation.words.naming import Naming

_LONGEST = 100
_ADDRESSES = frozenset({SH.IRI, SH.BlankNodeOrIRI})


class Remedies:
    """The remedies for results; what is looked for in is read once for a shape."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._members: dict[Term, Members] = {}
        self._allowed: dict[Term, Nearest] = {}
        self._resembling: dict[ox.NamedNode, list[ox.NamedNode]] = {}
        self._makers: Mapping[ox.NamedNode, Callable[[Result, Term], str | None]] = {
            SH["class"]: self._class,
            SH.datatype: self._datatype,
            SH.nodeKind: self._kind,
            SH["in"]: self._in,
            SH.hasValue: self._has_value,
            SH.languageIn: self._language,
            SH.closed: self._closed,
            SH.minCount: self._min_count,
            SH["or"]: self._alternative,
            SH.xone: self._alternative,
        }

    def of(self, result: Result) -> str | None:
        """Return the remedy of a result, None where none is sure enough to be said."""
        for parameter, argument in result.parameters[:1]:
            if (make := self._makers.get(parameter)) is not None:
                return make(result, argument)
        return None

    def _say(self, suggestion: Suggestion | None, key: str | None = None) -> str | None:
        if suggestion is None:
            return None
        term = self._written(suggestion.term)
        # What cannot be read cannot be copied.
        if len(term) > _LONGEST or not term.isprintable():
            return None
        usual = "remedy.write" if suggestion.certain else "remedy.maybe"
        return self._naming.say(key or usual, term=term)

    def _written(self, term: ox.NamedNode | ox.Literal) -> str:
        """Return a term as it is written in Turtle."""
        short = self._naming.prefixes.term(term).short
        if isinstance(term, ox.Literal) and len(term.value) > _LONGEST:
            return short + " " * _LONGEST
        return short

    def _class(self, result: Result, asked: Term) -> str | None:
        value = _value(result)
        if isinstance(value, ox.Literal):
            return self._say(suggestions.address(value))
        if not isinstance(asked, ox.NamedNode):
            return None
        near = Nearest([asked.value])
        types = self._naming.data.objects(value, RDF.type)
        if any(isinstance(t, ox.NamedNode) and near.to(t.value) for t in types):
            return self._say(Suggestion(asked, False))
        if not types and not self._naming.is_described(value):
            return self._naming.say("remedy.describe")
        return None

    def _datatype(self, result: Result, asked: Term) -> str | None:
        if not isinstance(asked, ox.NamedNode) or asked == RDFS.Literal:
            return None
        value = _value(result)
        if asked == RDF.langString and isinstance(value, ox.Literal) and not value.language:
            language = (*self._naming.labels.languages, "en")[0]
            example = ox.Literal(value.value, language=language)
            if len(value.value) < _LONGEST // 2:
                return self._naming.say("remedy.language", term=self._written(example))
        suggestion = suggestions.retyped(value, asked)
        if suggestion is not None and isinstance(value, ox.Literal) and value.language:
            return self._say(suggestion, "remedy.without")
        return self._say(suggestion)

    def _kind(self, result: Result, asked: Term) -> str | None:
        return self._say(suggestions.address(_value(result))) if asked in _ADDRESSES else None

    def _in(self, result: Result, start: Term) -> str | None:
        if (members := self._members.get(start)) is None:
            members = self._members[start] = Members(self._naming.members(start))
        return self._say(self._meant(members, _value(result)))

    def _has_value(self, result: Result, asked: Term) -> str | None:
        if result.path is None:
            return None
        members = Members([asked])
        for value in self._naming.values(result.focus, result.path)[:100]:
            if (suggestion := self._meant(members, value)) is not None:
                return self._say(suggestion)
        return None

    def _meant(self, members: Members, value: Term) -> Suggestion | None:
        """Return what is meant by a value; one that is described somewhere is no slip."""
        suggestion, naming = members.suggestion(value), self._naming
        if suggestion is None or suggestion.certain or isinstance(value, ox.Literal):
            return suggestion
        known = naming.is_described(value) or naming.labels.of(value) is not None
        return None if known else suggestion

    def _language(self, result: Result, start: Term) -> str | None:
        allowed = [t.value for t in self._naming.members(start) if isinstance(t, ox.Literal)]
        return self._say(suggestions.language(_value(result), allowed))

    def _closed(self, result: Result, _: Term) -> str | None:
        if not isinstance(result.path, PredicatePath):
            return None
        if (near := self._allowed.get(result.shape)) is None:
            properties = allowed_properties(self._naming, result.shape)
            near = self._allowed[result.shape] = Nearest(iri.value for iri in properties)
        return self._say(suggestions.term(result.path.iri, near))

    def _min_count(self, result: Result, _: Term) -> str | None:
        """Return the property that a thing has in the place of one that it lacks."""
        if not isinstance(result.path, PredicatePath):
            return None
        iri, data = result.path.iri, self._naming.data
        if iri not in self._resembling:
            near = Nearest([iri.value])
            # What RDF itself defines means what it says, whatever its name resembles.
            others = [p for p in data.predicates if not p.value.startswith(str(RDF))]
            self._resembling[iri] = [p for p in others if near.to(p.value)]
        for predicate in self._resembling[iri]:
            if data.objects(result.focus, predicate):
                term, meant = self._written(predicate), self._written(iri)
                return self._naming.say("remedy.property", term=term, meant=meant)
        return None

    def _alternative(self, result: Result, _: Term) -> str | None:
        """Return the remedy of the first alternative that has a certain one."""
        for inner in result.inner:
            for parameter, asked in inner.parameters[:1]:
                if parameter == SH.datatype and inner.focus == result.value:
                    value = _value(inner)
                    if isinstance(asked, ox.NamedNode):
                        suggestion = suggestions.retyped(value, asked)
                        if suggestion is not None and suggestion.certain:
                            return self._say(suggestion)
        return None


def _value(result: Result) -> Term:
    return result.focus if result.value is None else result.value
