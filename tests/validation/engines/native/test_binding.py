"""Variables bound beforehand: by rewriting, by functions, and all at once, the same solutions."""

import os
from collections import Counter
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from app.validation.engines.native.binding import Binder
from app.validation.engines.native.query import ParsedQuery

DRAWS = int(os.environ.get("DIALOGUE_DRAWS", "200"))
_SETTINGS = settings(
    max_examples=DRAWS,
    derandomize="DIALOGUE_DRAWS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
_E = "http://example.org/"
_NODES = [*(ox.NamedNode(_E + name) for name in "abcd"), ox.BlankNode("x")]
_PREDICATES = [ox.NamedNode(_E + name) for name in "pqr"]
_VALUES = [*_NODES, ox.Literal("1"), ox.Literal("t", language="en"), ox.Literal("u")]
_PATHS = ["e:p", "e:q", "e:r", "e:p/e:q", "^e:p", "(e:p|e:q)", "e:p+", "?any", "e:q/^e:q"]


@dataclass
class _Text:
    """A query that is being drawn."""

    draw: st.DrawFn
    count: int = 0

    def variable(self) -> str:
        return self.draw(st.sampled_from(["$this", "?x", "?y", "?z"]))

    def term(self) -> str:
        return self.draw(st.sampled_from(["$this", "?this", "?x", "?y", "e:a", "e:b", '"1"']))

    def triple(self) -> str:
        return f"{self.variable()} {self.draw(st.sampled_from(_PATHS))} {self.term()} ."

    def condition(self, depth: int) -> str:
        kinds = ["bound", "same", "differ", "kind", "among"] + ["exists", "not exists"] * bool(
            depth
        )
        kind = self.draw(st.sampled_from(kinds))
        if kind == "bound":
            return f"bound({self.variable()})"
        if kind in ("exists", "not exists"):
            return f"{kind.upper()} {self.group(depth - 1)}"
        return {
            "same": f"{self.variable()} = {self.term()}",
            "differ": f"{self.variable()} != {self.term()}",
            "kind": f"isIRI({self.variable()})",
            "among": f"{self.variable()} IN (e:a, {self.term()})",
        }[kind]

    def group(self, depth: int) -> str:
        parts = [self.element(depth) for _ in range(self.draw(st.integers(1, 3)))]
        if self.draw(st.booleans()):
            parts.insert(0, f"$this {self.draw(st.sampled_from(_PATHS[:7]))} {self.term()} .")
        return "{ " + " ".join(parts) + " }"

    def element(self, depth: int) -> str:
        kinds = ["triple"] * 4 + ["filter", "bind"]
        kinds += ["optional", "union", "group", "select"] * bool(depth)
        kind = self.draw(st.sampled_from(kinds))
        if kind == "triple":
            return self.triple()
        if kind == "filter":
            condition = self.condition(depth)
            return f"FILTER {condition}" if "EXISTS" in condition[:10] else f"FILTER ({condition})"
        if kind == "bind":
            self.count += 1
            return f"BIND ({self.term()} AS ?b{self.count})"
        if kind == "optional":
            return f"OPTIONAL {self.group(depth - 1)}"
        if kind == "union":
            return f"{self.group(depth - 1)} UNION {self.group(depth - 1)}"
        if kind == "select":
            return f"{{ SELECT $this ?x WHERE {self.group(depth - 1)} }}"
        return self.group(depth - 1)


@st.composite
def queries(draw: st.DrawFn, *, start: str = "") -> str:
    """Draw a query that SHACL allows."""
    text = _Text(draw)
    projection = draw(st.sampled_from(["$this", "$this ?x", "DISTINCT $this ?y", "?x ?y", "*"]))
    body = text.group(2)
    return f"SELECT {projection} WHERE {{ {start}{body[1:]}"


@st.composite
def stores(draw: st.DrawFn) -> ox.Store:
    """Draw a small graph."""
    quads = st.builds(
        ox.Quad,
        st.sampled_from(_NODES),
        st.sampled_from(_PREDICATES),
        st.sampled_from(_VALUES),
    )
    store = ox.Store()
    store.extend(draw(st.lists(quads, min_size=4, max_size=16)))
    return store


def _solutions(
    store: ox.Store, query: ParsedQuery, this: ox.NamedNode | ox.BlankNode, *, write: bool = True
) -> Counter[tuple[tuple[str, str], ...]]:
    """Return the solutions with a value bound beforehand."""
    text, functions = Binder(query).bind({"this": this}, write=write)
    answer = store.query(text, custom_functions=functions)
    return Counter(_row(answer, solution) for solution in answer)


def _row(answer: ox.QuerySolutions, solution: ox.QuerySolution) -> tuple[tuple[str, str], ...]:
    own = ("this", "dialogue_nothing0")
    return tuple(
        sorted(
            (v.value, str(solution[v.value]))
            for v in answer.variables
            if v.value not in own and solution[v.value] is not None
        )
    )


def _query(text: str) -> ParsedQuery:
    """Return a query; draws that are no SPARQL are dropped."""
    query = ParsedQuery(f"PREFIX e: <{_E}> {text}", {})
    try:
        ox.Store().query(query.text)
    except SyntaxError:
        assume(False)
    return query


@_SETTINGS
@given(queries(), stores())
def test_a_value_written_into_the_text_is_one_that_each_group_begins_with(
    text: str, store: ox.Store
) -> None:
    query = _query(text)
    for node in [*_NODES[:3], ox.NamedNode(_E + "absent")]:
        assert _solutions(store, query, node) == _solutions(store, query, node, write=False)


@_SETTINGS
@given(queries(start="$this e:p ?x . "), stores())
def test_what_runs_once_finds_for_each_node_what_its_own_run_finds(
    text: str, store: ox.Store
) -> None:
    query = _query(text)
    assume(query.runs_once())
    once, functions = Binder(query).bind({}, keep_this=True)
    note(once)
    answer = store.query(once, custom_functions=functions)
    by_node: dict[object, Counter[tuple[tuple[str, str], ...]]] = {n: Counter() for n in _NODES}
    for solution in answer:
        by_node[solution["this"]][_row(answer, solution)] += 1
    for node in _NODES:
        assert by_node[node] == _solutions(store, query, node)
        joined = store.query(once, substitutions={ox.Variable("this"): node})
        assert by_node[node] == Counter(_row(joined, solution) for solution in joined)


@pytest.mark.parametrize(
    ("body", "once"),
    [
        ("$this e:p ?x", True),
        ("$this e:p/e:q ?x FILTER NOT EXISTS { ?x e:r $this }", True),
        ("$this e:p ?x OPTIONAL { ?x e:q ?y FILTER(?y = $this) }", True),
        ("$this e:p ?x { $this e:q ?y } UNION { ?x e:r ?y }", True),
        ("?x e:p $this", False),
        ("$this e:p* ?x", False),
        ("$this e:p ?x FILTER(bound($this))", False),
        ("$this e:p ?x { FILTER($this = e:a) }", False),
        ("$this e:p ?x OPTIONAL { { ?x e:q $this } }", False),
        ("$this e:p ?x { SELECT $this { $this e:q ?y } }", False),
        ("FILTER(isIRI($this)) $this e:p ?x", False),
    ],
)
def test_which_queries_run_once(body: str, once: bool) -> None:
    assert _query(f"SELECT $this {{ {body} }}").runs_once() is once


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SELECT $this (COUNT(?x) AS ?n) { $this e:p ?x } GROUP BY $this", ["2"]),
        ("SELECT (COUNT(?x) AS ?n) { $this e:p ?x } GROUP BY $this HAVING(COUNT(?x) > 2)", []),
        ("SELECT ?x { $this e:p ?x } ORDER BY $this DESC(?x) LIMIT 1", [_E + "c"]),
        ("SELECT (STR($this) AS ?n) { } ", [_E + "a"]),
    ],
)
def test_keys_and_projections(text: str, values: list[str]) -> None:
    store, a = ox.Store(), _NODES[0]
    store.extend(ox.Quad(a, _PREDICATES[0], value) for value in _NODES[1:3])
    for write in (True, False):
        bound, functions = Binder(_query(text)).bind({"this": a}, write=write)
        answer = store.query(bound, custom_functions=functions)
        shown = [v for v in answer.variables if v.value in ("n", "x")]
        assert [solution[v.value].value for solution in answer for v in shown] == values
