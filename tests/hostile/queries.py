"""Hostile queries, by class: what would end, fill or occupy a process that answers it.

Each is a function of a size. `DEEP` nest or chain, and are hostile to a stack; `PLANNED` are short
and occupy the planner before any data is read; `ENDLESS` compute, remember or write without end.
"""

from collections.abc import Callable
from dataclasses import dataclass

Make = Callable[[int], str]


@dataclass(frozen=True)
class Hostile:
    """A class of hostile queries: how one of a size is made, and the size that is tried in short.

    `largest` is where the long form ends.
    """

    make: Make
    size: int
    largest: int = 65_536

    def sizes(self, whole: bool) -> list[int]:
        """Return the sizes to try: the short one, or from 16 on each four times the last."""
        if not whole:
            return [self.size]
        return [size for size in (4**n for n in range(2, 9)) if size <= self.largest]


def nested(before: str, opening: str, inner: str, closing: str, after: str) -> Make:
    """Return what writes an opening and its closing so many times, one within the other."""
    return lambda n: before + opening * n + inner + closing * n + after


def chain(before: str, link: str, joint: str, after: str) -> Make:
    """Return what writes so many links in a row; `#` in a link is its number."""

    def make(n: int) -> str:
        return before + joint.join(link.replace("#", str(i)) for i in range(n)) + after

    return make


DEEP = {
    "braces": Hostile(nested("ASK ", "{", "", "}", ""), 60_000),
    "parentheses": Hostile(nested("ASK { FILTER ", "(", "1", ")", " }"), 30_000),
    "STR": Hostile(nested("ASK { FILTER(", "STR(", "1", ")", " = '1') }"), 12_000),
    "IF": Hostile(nested("ASK { FILTER(", "IF(true, ", "1", ", 0)", " = 1) }"), 6_000),
    "COALESCE": Hostile(nested("ASK { FILTER(", "COALESCE(", "1", ")", " = 1) }"), 12_000),
    "negations": Hostile(nested("ASK { FILTER(", "!", "true", "", ") }"), 60_000),
    "minus signs": Hostile(nested("ASK { FILTER(", "-(", "1", ")", " < 2) }"), 40_000),
    "NOT EXISTS": Hostile(nested("ASK { ", "FILTER NOT EXISTS { ", "", "}", " }"), 6_000),
    "EXISTS": Hostile(nested("ASK { FILTER(", "EXISTS { FILTER(", "true", ") }", ") }"), 6_000),
    "subqueries": Hostile(nested("ASK { ", "{ SELECT * { ", "", "} }", " }"), 12_000),
    "GRAPH": Hostile(nested("ASK { ", "GRAPH ?g { ", "", "}", " }"), 12_000),
    "OPTIONAL": Hostile(nested("ASK { ", "OPTIONAL { ?s ?p ?o ", "", "}", " }"), 6_000),
    "MINUS": Hostile(nested("ASK { ", "MINUS { ?s ?p ?o ", "", "}", " }"), 6_000),
    "LATERAL": Hostile(nested("ASK { ", "LATERAL { ", "", "}", " }"), 12_000),
    "collections": Hostile(nested("ASK { ?s ?p ", "(", "1", ")", " }"), 20_000),
    "blank nodes": Hostile(nested("ASK { ?s ?p ", "[ ?p ", "1", "]", " }"), 12_000),
    "triple terms": Hostile(nested("ASK { ?s ?p ", "<<( ?s ?p ", "1", ")>>", " }"), 12_000),
    "reified triples": Hostile(nested("ASK { ?s ?p ", "<< ?s ?p ", "1", ">>", " }"), 12_000),
    "annotations": Hostile(nested("ASK { ?s ?p ?o ", "{| ?p ?o ", "", "|}", " }"), 12_000),
    "parenthesised paths": Hostile(nested("ASK { ?s ", "(", "ex:p", ")", " ?o }"), 30_000),
    "inverse paths": Hostile(nested("ASK { ?s ", "^(", "ex:p", ")", " ?o }"), 30_000),
    "starred paths": Hostile(nested("ASK { ?s ", "(", "ex:p", ")*", " ?o }"), 30_000),
    "sums": Hostile(chain("ASK { FILTER(", "1", "+", " > 0) }"), 60_000),
    "alternatives of a condition": Hostile(chain("ASK { FILTER(", "true", "||", ") }"), 30_000),
    "conjunctions": Hostile(chain("ASK { FILTER(", "true", "&&", ") }"), 30_000),
    "members of IN": Hostile(chain("ASK { FILTER(1 IN (", "2", ",", ")) }"), 60_000),
    "UNIONs": Hostile(chain("ASK { ", "{ ?s ?p ?o }", "UNION", " }"), 12_000),
    "MINUS in a row": Hostile(chain("ASK { ", "MINUS { ?s ?p ?o }", "", " }"), 12_000),
    "BIND in a row": Hostile(chain("ASK { ", "BIND(1 AS ?v#)", "", " }"), 12_000),
    "FILTER in a row": Hostile(chain("ASK { ", "FILTER(1)", "", " }"), 20_000),
    "alternative paths": Hostile(chain("ASK { ?s ", "ex:p", "|", " ?o }"), 40_000),
    "graphs of FROM": Hostile(chain("ASK ", "FROM <x:#>", "", " {}"), 16_000),
    "rows of VALUES": Hostile(chain("ASK { VALUES ?x {", "#", " ", "} }"), 30_000),
    "prefixes": Hostile(chain("", "PREFIX p#:<x:#>", "", " ASK {}"), 8_000),
    "templates": Hostile(nested("CONSTRUCT { ?s ?p ", "[ ?p ", "1", "]", " } { ?s ?p ?o }"), 9_000),
}


def doubled(expression: str, times: int = 60) -> Make:
    """Return what takes a text through an expression again and again; `?v` is what it had."""

    def make(n: int) -> str:
        steps = " ".join(
            f"BIND({expression.replace('?v', f'?v{i}')} AS ?v{i + 1})" for i in range(min(n, times))
        )
        return f"SELECT (STRLEN(?v{min(n, times)}) AS ?n) {{ BIND('abcdefgh' AS ?v0) {steps} }}"

    return make


PLANNED = {
    "a nested collection": Hostile(nested("ASK { ?s ?p ", "(", "1", ")", " }"), 200, 4_096),
    "a flat collection": Hostile(chain("ASK { ?s ?p (", "#", " ", ") }"), 400, 4_096),
    "OPTIONALs in a row": Hostile(chain("ASK { ", "OPTIONAL { ?s# ?p ?o }", " ", " }"), 200, 4_096),
    "nested blank nodes": Hostile(nested("ASK { ?s ?p ", "[ ?p ", "1", "]", " }"), 150, 4_096),
    "a star": Hostile(chain("ASK { ", "?s ex:p# ?o# .", " ", " }"), 200, 4_096),
    "a long path": Hostile(chain("ASK { ?s ", "ex:p", "/", " ?o }"), 600, 16_384),
    "a product of patterns": Hostile(chain("ASK { ", "?a# ?b# ?c# .", " ", " }"), 400, 4_096),
    "a chain of patterns": Hostile(
        lambda n: "ASK { " + " ".join(f"?v{i} ex:p ?v{i + 1} ." for i in range(n)) + " }",
        300,
        4_096,
    ),
    "a clique of patterns": Hostile(
        lambda n: (
            "ASK { " + " ".join(f"?v{i} ex:q ?v{j} ." for i in range(n) for j in range(i)) + " }"
        ),
        25,
        64,
    ),
    "UNIONs that join": Hostile(
        chain("ASK { ", "{ { ?s ?p ?o } UNION { ?o ?p ?s } }", " ", " }"), 80, 4_096
    ),
    "subqueries that join": Hostile(
        chain("ASK { ", "{ SELECT ?s { ?s ?p ?o# } }", " ", " }"), 200, 4_096
    ),
    "EXISTS in a row": Hostile(
        chain("ASK { ?s ?p ?o ", "FILTER EXISTS { ?s ?p# ?o# }", " ", " }"), 300, 4_096
    ),
    "VALUES that join": Hostile(chain("ASK { ", "VALUES ?v# { 1 2 3 }", " ", " }"), 200, 4_096),
    "GRAPHs that join": Hostile(chain("ASK { ", "GRAPH ?g# { ?s ?p ?o# }", " ", " }"), 200, 4_096),
    "paths that join": Hostile(chain("ASK { ", "?s# ex:q* ?o# .", " ", " }"), 200, 4_096),
}

_PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"


def fixed(text: str) -> Hostile:
    """Return a class of one query, which has no size."""
    return Hostile(lambda n: text, 16, 16)


ENDLESS = {
    "a product": fixed(f"SELECT (COUNT(*) AS ?n) {{ {_PRODUCT} }}"),
    "a product in rows": fixed(f"SELECT * {{ {_PRODUCT} }}"),
    "a sorted product": fixed(f"SELECT * {{ {_PRODUCT} }} ORDER BY ?c ?f"),
    "the first of a sorted product": fixed(f"SELECT * {{ {_PRODUCT} }} ORDER BY ?c ?f LIMIT 10"),
    "a distinct product": fixed(f"SELECT DISTINCT * {{ {_PRODUCT} }} OFFSET 999999999"),
    "a reduced product": fixed(f"SELECT REDUCED * {{ {_PRODUCT} }} OFFSET 999999999"),
    "a grouped product": fixed(
        f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {_PRODUCT} }} GROUP BY ?a ?d ?g"
    ),
    "counted distinct": fixed(
        f"SELECT (COUNT(DISTINCT CONCAT(STR(?a), STR(?d), STR(?g))) AS ?n) {{ {_PRODUCT} }}"
    ),
    "one text of a product": fixed(f"SELECT (GROUP_CONCAT(?c) AS ?n) {{ {_PRODUCT} }}"),
    "a graph of a product": fixed(f"CONSTRUCT {{ ?a ?e ?i }} {{ {_PRODUCT} }}"),
    "a description of everything": fixed(f"DESCRIBE * {{ {_PRODUCT} }}"),
    "a product without what it holds": fixed(f"ASK {{ {_PRODUCT} MINUS {{ ?a ?b ?c }} }}"),
    "a product that is never so": fixed(
        f"ASK {{ {_PRODUCT} FILTER(CONCAT(STR(?a), STR(?i)) = 'never') }}"
    ),
    "a product of VALUES": fixed(
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES ?v{i} {{ {' '.join(map(str, range(100)))} }}" for i in range(8))
        + " }"
    ),
    "a far OFFSET": fixed(f"SELECT * {{ {_PRODUCT} }} OFFSET 4000000000 LIMIT 1"),
    "a long chain": fixed("SELECT (COUNT(*) AS ?n) { ?a ex:next+ ?b }"),
    "a closure of a random graph": fixed("SELECT (COUNT(*) AS ?n) { ?a ex:q* ?b . ?c ex:q* ?d }"),
    "a closure both ways": fixed("SELECT (COUNT(*) AS ?n) { ?a (ex:q|^ex:q)* ?b }"),
    "a closure of all but one": fixed("SELECT (COUNT(*) AS ?n) { ?a (!ex:x|^!ex:x)* ?b }"),
    "a closure within closures": fixed("SELECT (COUNT(*) AS ?n) { ?a ((ex:q*/ex:next*)*)* ?b }"),
    "an inner product for each row": fixed(
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?g ?h ?i "
        "FILTER(?a = ?f && ?c = ?g) } }"
    ),
    "a pattern for each row": fixed(
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER REGEX(STR(?c), "
        "CONCAT('(x+x+)+', STR(?f), '$')) }"
    ),
    "a greedy pattern": fixed(
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER REGEX(CONCAT(STR(?c), "
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'), '^(a+)+$|^(a|aa)+$|^(([a-z])+.)+[A-Z]([a-z])+$') }"
    ),
    "a pattern that grows": fixed(
        "ASK { FILTER REGEX('a', '^((((a{1,99}){1,99}){1,99}){1,99})$') }"
    ),
    "a doubled text": Hostile(doubled("CONCAT(?v, ?v)"), 40, 64),
    "a replaced text": Hostile(doubled("REPLACE(?v, '.', '$0$0')"), 34, 64),
    "an encoded text": Hostile(doubled("ENCODE_FOR_URI(CONCAT(?v, '%'))"), 60, 64),
    "a text of a text": Hostile(doubled("CONCAT(UCASE(?v), LCASE(?v), STR(?v))"), 40, 64),
    "digests of digests": fixed(
        f"SELECT (MAX(SHA512(CONCAT(SHA512(STR(?a)), SHA512(STR(?d))))) AS ?x) {{ {_PRODUCT} }}"
    ),
    "identifiers without end": fixed(f"SELECT (STRUUID() AS ?x) {{ {_PRODUCT} }}"),
    "names made for every row": fixed(
        f"SELECT DISTINCT (IRI(CONCAT('x:', STRUUID())) AS ?x) {{ {_PRODUCT} }} OFFSET 999999999"
    ),
}
CLASSES = {"deep": DEEP, "planned": PLANNED, "endless": ENDLESS}
