"""Results in words, each brought home to the place that is to be mended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pyoxigraph as ox

from app.namespaces import DSH, SH, VOID
from app.rdf.parser import Place
from app.rdf.prefixes import Name, PrefixMap
from app.rdf.sparql.paths import Path, PredicatePath, Triple, text
from app.rdf.terms import Term
from app.validation.causes import Cause, Spot, cause
from app.validation.engines.base import Result, ShapeProblem
from app.validation.engines.native import Graph
from app.validation.findings import Breach, Finding, Severity, ShapesFault, unique
from app.validation.languages import best
from app.validation.locations import Index, Occurrence
from app.validation.provenance import Premises
from app.validation.shapes import Shapes, fill, severity
from app.validation.words import Labels, Words
from app.validation.words.catalogue_en import catalogue

_SEVERITIES = {
    Severity.VIOLATION: SH.Violation,
    Severity.WARNING: SH.Warning,
    Severity.INFO: SH.Info,
}
_LEVELS = frozenset(_SEVERITIES.values())


class Located:
    """Where triples are written, or what they follow from."""

    def __init__(self, written: Index, premises: Premises | None = None) -> None:
        self.written, self._premises = written, premises

    def occurrences(self, triple: Triple) -> Sequence[Occurrence]:
        """Return where a triple is written, else where its premises are, else nothing."""
        found: Sequence[Occurrence] = self.written.triple(triple)
        if not found and self._premises:
            found = self._premises.of(triple)
        return found


class Blame:
    """Results in words, with the places of what is at fault."""

    def __init__(
        self, shapes: Shapes, names: PrefixMap, root: str, languages: Sequence[str]
    ) -> None:
        self._shapes, self._names, self._root = shapes, names, root
        self._languages = languages
        self._words: Words | None = None

    def _speaker(self, graph: Graph) -> Words:
        if self._words is None:
            shapes = Graph(self._shapes.triples)
            labels = Labels([shapes, graph], self._languages)
            self._words = Words(shapes, graph, labels, self._names, catalogue())
        return self._words

    def finding(self, result: Result, graph: Graph, located: Located) -> Finding:
        """Return what a result says, and where to mend it."""
        return self._finding(result, graph, located)[0]

    def _finding(
        self, found: Result, graph: Graph, located: Located, *, inside: bool = False
    ) -> tuple[Finding, bool]:
        """Return a finding, and whether it blames a triple, not the focus node as such."""
        result = self._offender(found, located)
        shape = self._shapes.named(result.shape)
        bound = {"this": result.focus, **(result.bindings or {})}
        if result.value is not None:
            bound.setdefault("value", result.value)
        name = self._names.term(shape)
        blame = cause(result, graph)
        inner = [self._finding(one, graph, located, inside=True) for one in result.inner]
        # What failed inside is nearer to the fault than the value that it stands in.
        deeper = [place for one, blames in inner if blames for place in one.places]
        places, also = self._places(blame, shape, located, deeper)
        value = result.value
        written = [spot for spot in blame.spots if located.occurrences(spot.triple)]
        if result is not found and len(written) == 1:
            value = written[0].triple[2]
        # What the shape around it says is said already of what failed inside.
        speaking = result.shape if inside else shape
        messages = self._messages(result, speaking, bound)
        rule, *details = messages or [self._speaker(graph).sentence(found)]
        finding = Finding(
            severity=severity(result.severity),
            shape=name,
            rule=rule,
            detail=" ".join(details),
            focus=self._names.term(result.focus),
            path=None if result.path is None else self._path(result.path),
            value=None if value is None or value == result.focus else self._names.term(value),
            places=places,
            also=also,
            component=self._names.term(result.component),
            level=None if result.severity in _LEVELS else self._names.term(result.severity),
            findings=tuple(one for one, _ in inner),
            messages=tuple(
                (message.language or "", fill(message.value, bound, self._names))
                for message in self._shapes.messages(speaking) or result.messages
            ),
            result=found,
        )
        return finding, bool(written or deeper)

    def _messages(self, result: Result, shape: Term, bound: Mapping[str, Term]) -> list[str]:
        own = self._shapes.message(result.shape, self._languages) or self._shapes.message(
            shape, self._languages
        )
        of_constraint = self._shapes.message(result.constraint, self._languages)
        if not own and not of_constraint and result.messages:
            # A validator of a component of the shapes' own speaks for it.
            chosen = best(result.messages, self._languages)
            own = chosen.value if chosen else ""
        return [fill(words, bound, self._names) for words in (own, of_constraint) if words]

    def _path(self, path: Path) -> Name:
        if isinstance(path, PredicatePath):
            return self._names.term(path.iri)
        return Name(text(path), text(path, lambda iri: self._names.iri(iri.value)))

    def _offender(self, result: Result, located: Located) -> Result:
        """Return a result about its value, where a rule over the whole graph found it.

        Such a rule stands on one target node, or on the dataset whose base it asks for (the subject
        of void:uriSpace). That is not at fault; its value is.
        """
        value, path = result.value, result.path
        if (
            result.constraint is None
            or value is None
            or isinstance(value, ox.Literal)
            or not self._is_stand(result.focus, self._shapes.named(result.shape))
        ):
            return result
        if isinstance(path, PredicatePath) and located.written.triple(
            (result.focus, path.iri, value)
        ):
            return result
        return replace(result, focus=value, value=None)

    def _is_stand(self, focus: Term, shape: Term) -> bool:
        return focus in self._shapes.about(
            shape, SH.targetNode
        ) or VOID.uriSpace in self._shapes.about(shape, SH.targetSubjectsOf)

    def _places(
        self, blame: Cause, shape: Term, located: Located, deeper: Sequence[Place]
    ) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
        places = [place for spot in blame.spots for place in self._spot(spot, located)]
        if not places:
            places = list(located.written.subject(blame.node))
        also = [place for spot in blame.way for place in self._spot(spot, located)]
        if deeper:
            places, also = [*deeper], [*places, *also]
        if not places:
            declared = self._shapes.place(shape)
            # A target that nothing describes is missing where the shape asks for it.
            places = [declared or Place(self._root, 1, 1)]
        first = unique(places)
        return first, tuple(p for p in unique(also) if p not in first)

    def _spot(self, spot: Spot, located: Located) -> Iterator[Place]:
        for occurrence in located.occurrences(spot.triple):
            yield occurrence.subject if spot.is_subject else occurrence.object

    def declared(self, breach: Breach) -> Finding:
        """Return the finding that a breach is, in the words of the shape that declares it."""
        name = self._names.term(breach.shape)
        graveness = self._shapes.severity(breach.shape)
        messages = self._shapes.messages(breach.shape)
        detail = [ox.Literal(breach.detail)] if breach.detail else []
        return Finding(
            severity=graveness,
            shape=name,
            rule=self._shapes.message(breach.shape, self._languages) or f"{name.short} is kept.",
            detail=breach.detail,
            focus=self._names.term(breach.focus),
            path=breach.path and self._names.term(breach.path),
            value=None if breach.value is None else self._names.term(breach.value),
            places=breach.places,
            messages=tuple((m.language or "", m.value) for m in messages),
            result=Result(
                focus=breach.focus,
                path=breach.path and PredicatePath(breach.path),
                value=breach.value,
                shape=breach.shape,
                component=DSH.ProgramConstraintComponent,
                constraint=None,
                severity=_SEVERITIES[graveness],
                messages=(*messages, *detail),
            ),
        )

    def faults(self, problems: Iterable[ShapeProblem]) -> tuple[ShapesFault, ...]:
        """Return what kept shapes from being run, each at its place."""
        return tuple(
            ShapesFault(
                self._shapes.place(problem.node) or Place(self._root, 1, 1),
                self._names.term(self._shapes.named(problem.node)),
                self._names.within(problem.sentence),
            )
            for problem in problems
            if problem.blocking
        )
