"""What does nothing though somebody wrote it: targets without nodes, parameters that are idle."""

from collections.abc import Iterator

from app.namespaces import SH
from app.rdf.parser import Place
from app.rdf.prefixes import PrefixMap
from app.rdf.terms import Term
from app.validation.engines.base import Outcome
from app.validation.findings import Finding, Severity
from app.validation.shapes import Shapes

_TARGETS = {
    SH.targetClass: "nothing in the data is of the class {}",
    SH.targetSubjectsOf: "nothing in the data has a {}",
    SH.targetObjectsOf: "nothing in the data is the value of a {}",
    SH.target: "the query {} selects nothing",
}
_CLASS = "nothing in the data is of this class"


def remarks(outcome: Outcome, shapes: Shapes, names: PrefixMap, root: str) -> Iterator[Finding]:
    """Yield a remark for each target that selects no node and each parameter that does nothing.

    They stand where the shapes do; `root` is named where no place is known. Nothing fails for
    them by itself, but a shape that looks at nothing is most often a misspelt name.
    """
    for node, target in outcome.ran.idle_targets:
        sentence = _idle(shapes, node, target).format(names.plain(target))
        yield _remark(
            node, f"The shape checks nothing by this target: {sentence}.", shapes, names, root
        )
    for problem in outcome.problems:
        if not problem.blocking:
            words = names.within(problem.sentence)
            sentence = f"{words.removesuffix(chr(46))}."
            yield _remark(problem.node, sentence, shapes, names, root)


def _idle(shapes: Shapes, node: Term, target: Term) -> str:
    for predicate, sentence in _TARGETS.items():
        if target in shapes.about(node, predicate):
            return sentence
    return _CLASS


def _remark(node: Term, sentence: str, shapes: Shapes, names: PrefixMap, root: str) -> Finding:
    shape = names.term(shapes.named(node))
    return Finding(
        severity=Severity.INFO,
        shape=shape,
        rule=sentence,
        detail="",
        focus=shape,
        path=None,
        value=None,
        places=(shapes.place(node) or Place(root, 1, 1),),
    )
