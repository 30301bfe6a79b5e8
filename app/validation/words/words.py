"""Sentences for results: what is asked, what is there, and the remedy where it is sure.

Source of what each component asks: SHACL (W3C Recommendation of 2017-07-20), sections 4 to 6.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from app.namespaces import SH
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.validation.engines.base import Result
from app.validation.words import counts, rules, values
from app.validation.words.catalogue import Catalogue
from app.validation.words.demands import Demands
from app.validation.words.labels import Labels, visible
from app.validation.words.naming import Described, Naming, cut
from app.validation.words.remedies import Remedies
from app.validation.words.sentence import Speaker

LONGEST = 400
"""The most characters that a sentence has."""

_WITH_ALTERNATIVES = (SH["or"], SH.xone)
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Detail:
    """What failed inside: a sentence, and what failed inside of that.

    `result` is what the sentence is of, None where it introduces an alternative.
    """

    text: str
    result: Result | None = None
    inner: tuple["Detail", ...] = ()


class Words:
    """The words for the results of one validation.

    `labels` are those of all graphs that name things, in the reader's languages; `prefixes` shorten
    what has none.
    """

    def __init__(
        self,
        shapes: Described,
        data: Described,
        labels: Labels,
        prefixes: PrefixMap,
        catalogue: Catalogue,
    ) -> None:
        self._naming = Naming(shapes, data, labels, prefixes, catalogue)
        self._demands = Demands(self._naming)
        self._remedies = Remedies(self._naming)

    def sentence(self, result: Result) -> str:
        """Return one sentence, or two with the remedy, of at most 400 characters in one line."""
        speaker = self._speaker(result)
        compose = _SENTENCES.get(result.component, rules.declared)
        sentence, remedy = visible(compose(speaker)), self.remedy(result)
        if not remedy or len(sentence) + len(remedy) >= LONGEST:
            return cut(sentence, LONGEST)
        return self._naming.say("sentences", first=sentence, second=remedy)

    def remedy(self, result: Result) -> str | None:
        """Return what to write instead, or what may be meant; None where nothing is near."""
        return self._remedies.of(result)

    def detail(self, result: Result) -> tuple[Detail, ...]:
        """Return what failed inside other shapes; of alternatives, each by itself."""
        return self._detail(result, 0)

    def _detail(self, result: Result, depth: int) -> tuple[Detail, ...]:
        if depth == _DEEPEST:
            return ()
        # Results that differ in nothing that is told are one to the reader.
        by_text: dict[tuple[object, ...], Detail] = {}
        by_shape: dict[Term | None, list[Detail]] = {}
        for inner in result.inner:
            detail = Detail(self.sentence(inner), inner, self._detail(inner, depth + 1))
            key = (inner.within, *_text_of(detail))
            if key not in by_text:
                by_text[key] = detail
                by_shape.setdefault(inner.within, []).append(detail)
        for parameter, start in result.parameters:
            if parameter in _WITH_ALTERNATIVES and by_text:
                alternatives = self._naming.members(start)
                return tuple(
                    Detail(self._alternative(number, len(alternatives), shape), None, tuple(failed))
                    for number, shape in enumerate(alternatives, 1)
                    if (failed := by_shape.get(shape))
                )
        return tuple(by_text.values())

    def _alternative(self, number: int, count: int, shape: Term) -> str:
        fields = {"number": str(number), "count": str(count)}
        if (name := self._demands.shape(shape)) is not None:
            return self._naming.say("alternative.named", shape=name, **fields)
        if (demand := self._demands.of(shape)) is not None:
            return self._naming.say("alternative.demand", demand=demand, **fields)
        return self._naming.say("alternative", **fields)

    def _speaker(self, result: Result) -> Speaker:
        return Speaker(self._naming, self._demands, result)


def _text_of(detail: Detail) -> tuple[object, ...]:
    """Return what is told of a detail."""
    return (detail.text, *map(_text_of, detail.inner))


def _component(name: str) -> ox.NamedNode:
    return SH[f"{name}ConstraintComponent"]


_SENTENCES: Mapping[ox.NamedNode, Callable[[Speaker], str]] = {
    _component(name): compose
    for name, compose in {
        "MinCount": counts.min_count,
        "MaxCount": counts.max_count,
        "HasValue": counts.has_value,
        "Closed": counts.closed,
        "UniqueLang": counts.unique_language,
        "QualifiedMinCount": counts.qualified_min,
        "QualifiedMaxCount": counts.qualified_max,
        "Equals": counts.equals,
        "Disjoint": counts.disjoint,
        "LessThan": counts.less_than,
        "LessThanOrEquals": counts.less_than_or_equals,
        "Class": values.class_,
        "Datatype": values.datatype,
        "NodeKind": values.node_kind,
        "In": values.in_,
        "MinInclusive": values.order,
        "MinExclusive": values.order,
        "MaxInclusive": values.order,
        "MaxExclusive": values.order,
        "MinLength": values.min_length,
        "MaxLength": values.max_length,
        "Pattern": values.pattern,
        "LanguageIn": values.language_in,
        "Not": rules.not_,
        "And": rules.and_,
        "Or": rules.or_,
        "Xone": rules.xone,
        "Node": rules.node,
        "Property": rules.node,
        "SPARQL": rules.query,
        "JS": rules.query,
        "Expression": rules.query,
    }.items()
}
COMPONENTS = frozenset(_SENTENCES)
"""The components of SHACL that have a sentence of their own."""
