"""What the servers are asked of the generated graph: texts with numbers to fill in.

`{n}` is a number that never comes twice, `{m}` one of a thing that the graph has.
"""

import urllib.parse

PREFIXES = (
    "PREFIX dlg: <https://w3id.org/dialogue/ontology#> "
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    "PREFIX conf: <https://w3id.org/dialogue/id/conference/> "
    "PREFIX topic: <https://w3id.org/dialogue/id/topic/> "
)
POINT = "SELECT ?p ?o { conf:{m} ?p ?o } LIMIT {n}"
COUNT = (
    "SELECT ?state (COUNT(?conference) AS ?times) { ?part dlg:agent ?state ; "
    "dlg:event ?conference } GROUP BY ?state LIMIT {n}"
)
TREE = "SELECT ?topic { ?topic skos:broader* topic:7 } LIMIT {n}"
QUOTES = (
    "SELECT ?evidence ?quote { ?evidence dlg:about conf:{m} ; dlg:quote ?quote ; "
    "dlg:stance dlg:accepted } LIMIT {n}"
)
MIX = POINT, COUNT, TREE, QUOTES
MILLION = "SELECT ?a ?quote { ?a dlg:stance dlg:accepted . ?b dlg:quote ?quote } LIMIT 1000000"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT {n}"
ANOTHER = ENDLESS.replace("?a ", "?a{n} ")
"""The same with another variable each time, so that not even its shape is known."""


def request(path: str, query: str, *, close: bool = False) -> str:
    """Return the text of a GET request for a query; its numbers are still to be filled in."""
    joint = "&" if "?" in path else "?"
    target = f"{path}{joint}query={urllib.parse.quote(PREFIXES + query, safe='{}')}"
    return _request(target, "application/sparql-results+json", close=close)


def _request(target: str, accept: str, *, close: bool = False) -> str:
    quoted = urllib.parse.quote(target, safe="/?&=%{}*()")
    # The braces of the query are quoted, those of the numbers are not.
    for name in ("n", "m"):
        quoted = quoted.replace(f"{{{name}}}", f"\0{name}\1")
    quoted = quoted.replace("{", "%7B").replace("}", "%7D")
    quoted = quoted.replace("\0", "{").replace("\1", "}")
    ending = "Connection: close\r\n" if close else ""
    return f"GET {quoted} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n{ending}\r\n"


def same(query: str) -> str:
    """Return a query that is the same each time it is asked."""
    return query.replace("{n}", "1000000000").replace("{m}", "7")


WIDE = f"SELECT {' '.join(f'(1 AS ?v{n})' for n in range(60))} {{ ?s ?p ?o }} LIMIT 1000"
EVERYTHING = "SELECT * { ?s ?p ?o } LIMIT {n}"
PAGES = {
    "answers on a page": ["/sparql?query=" + EVERYTHING],
    "answers of 60 columns on a page": [f"/sparql?query={WIDE}&unread={{n}}"],
    "searches": ["/search?q=a{n}"],
    "things": ["/doc/conference/{m}"],
    "lists as CSV": ["/browse/participation.csv?of=conference/{m}"],
    "lists as a workbook": ["/browse/participation.xlsx?of=conference/{m}"],
}
"""What a hostile client asks of pages: that all differ, or only seem to."""


def page(target: str) -> str:
    """Return the text of a GET request for a page; its numbers are still to be filled in."""
    return _request(target, "text/html, */*;q=0.1")


ROWS = {
    "repeated": [same(query) for query in MIX],
    "different": list(MIX),
    "point": [POINT],
    "grouped count": [COUNT],
}
