"""A plan run over a graph."""

import gc
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from app.rdf.terms import Term
from app.validation.engines.base import ProblemKind, Ran, Result, ShapeProblem
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.plan import Plan, Root
from app.validation.engines.native.run import Run
from app.validation.engines.native.store import DataStore, QueryFailed
from app.validation.engines.native.vocabulary import short


class Evaluation:
    """A validation that runs while its results are taken, once.

    `ran`, `notes` and `problems` are complete after the last result. `notes` are sentences on where
    an outcome may differ from the specification; `problems` are queries that failed: what they
    should have found is not known, so the data do not conform.
    """

    def __init__(self, plan: Plan, data: Graph) -> None:
        self._plan = plan
        predicates: frozenset[ox.NamedNode] | None = frozenset()
        for query in plan.queries:
            asked = query.predicates
            predicates = None if predicates is None or asked is None else predicates | asked
        wants_shapes = any("shapesGraph" in query.variables for query in plan.queries)
        store = DataStore(
            data,
            predicates,
            plan.graph if wants_shapes else None,
            hides=all(query.names_all for query in plan.queries),
        )
        self._run = Run(data, store, plan.shared)
        self._focus_nodes: set[Term] = set()
        self._taken = False

    def __iter__(self) -> Iterator[Result]:
        """Yield the results, shape after shape; raises RuntimeError at a second time."""
        if self._taken:
            raise RuntimeError("the results of a validation are taken once")
        self._taken = True
        # The collector would walk the whole graph again and again, and find nothing.
        gc.freeze()
        try:
            for root in self._plan.roots:
                self._run.ran.shapes += 1
                nodes = self._targets(root)
                self._focus_nodes.update(nodes)
                yield from self._run.results(root.shape, nodes)
        finally:
            gc.unfreeze()

    @property
    def ran(self) -> Ran:
        """What has been run so far."""
        self._run.ran.focus_nodes = len(self._focus_nodes)
        return self._run.ran

    @property
    def notes(self) -> tuple[str, ...]:
        """Where an outcome may differ from the specification."""
        return (*self._on_texts(), *self._run.notes)

    def _on_texts(self) -> Iterator[str]:
        """Yield a sentence on the queries that may see other texts than those of the data."""
        texts = self._run.texts
        if texts:
            words = ", ".join(sorted(set().union(*texts.values())))
            more = f" and of {len(texts) - 1:,} more" if len(texts) > 1 else ""
            yield (
                f"The query of {min(texts)}{more} looks at the text of literals or counts them "
                f"({words}), and some in the data are not in their usual form: it sees 7 where 007 "
                "is written, and equal numbers once."
            )

    @property
    def problems(self) -> tuple[ShapeProblem, ...]:
        """The queries that failed so far."""
        return tuple(dict.fromkeys(self._run.problems))

    def _targets(self, root: Root) -> dict[Term, int]:
        """Return the focus nodes of a shape, each once, whichever targets select it."""
        nodes: dict[Term, int] = {}
        for target in root.targets:
            try:
                selected = dict.fromkeys(target.nodes(self._run), 1)
            except QueryFailed as error:
                words = " ".join(str(error).split())[:200]
                sentence = f"the query of {short(target.kind)} could not be run: {words}"
                node = root.shape.node
                self._run.problems.append(
                    ShapeProblem(ProblemKind.FAILED, node, target.term, sentence, (node,))
                )
                continue
            if not selected:
                self._run.ran.idle_targets.append((root.shape.node, target.term))
            nodes |= selected
        return nodes


def evaluate(plan: Plan, data: Graph | Iterable[ox.Triple | ox.Quad]) -> Evaluation:
    """Return the validation of a graph, which runs while its results are taken.

    The results are those of SHACL, with their multiplicity, in an order that the order of the
    triples decides. Graph names of quads are not looked at.
    """
    return Evaluation(plan, data if isinstance(data, Graph) else Graph(data))
