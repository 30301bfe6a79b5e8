"""The ways out of a query: each spelling that would reach another machine, were it let.

HERE stands for the address of a listener, PORT for its port.
"""

import contextlib
import socket
import threading


class Listener:
    """A socket that counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.hits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._socket.accept()
                self.hits += 1
                caller.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\nsecret")
                caller.close()

    def close(self) -> None:
        self._socket.close()


SERVICES = {
    "plain": "SELECT * { SERVICE <HERE> { ?s ?p ?o } }",
    "lower case": "SELECT * { service <HERE> { ?s ?p ?o } }",
    "mixed case": "SELECT * { SeRvIcE <HERE> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <HERE> { ?s ?p ?o } }",
    "comment between": "SELECT * { SERVICE # why\n <HERE> { ?s ?p ?o } }",
    "comment before": "SELECT * { # <\nSERVICE <HERE> { ?s ?p ?o } }",
    "no space": "SELECT*{SERVICE<HERE>{?s ?p ?o}}",
    "line feeds": "SELECT\n*\n{\nSERVICE\n<HERE>\n{\n?s ?p ?o}}",
    "prefixed name": "PREFIX x: <HERE> SELECT * { SERVICE x: { ?s ?p ?o } }",
    "prefixed name with a local part": "PREFIX x: <HERE> SELECT * { SERVICE x:a { ?s ?p ?o } }",
    "base": "BASE <HERE> SELECT * { SERVICE <a> { ?s ?p ?o } }",
    "base and prefix": "BASE <HERE> PREFIX x: <b/> SELECT * { SERVICE x:a { ?s ?p ?o } }",
    "escapes in the address": "SELECT * { SERVICE <h\\u0074tp://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "long escapes": "SELECT * { SERVICE <http://127.0.0.1:PORT/\\U00000061> { ?s ?p ?o } }",
    "variable": "SELECT * { BIND(<HERE> AS ?x) SERVICE ?x { ?s ?p ?o } }",
    "values": "SELECT * { VALUES ?x { <HERE> } SERVICE ?x { ?s ?p ?o } }",
    "subquery": "SELECT * { { SELECT ?s { SERVICE <HERE> { ?s ?p ?o } } } }",
    "optional": "SELECT * { ?a ?b ?c OPTIONAL { SERVICE <HERE> { ?s ?p ?o } } }",
    "union": "SELECT * { { ?a ?b ?c } UNION { SERVICE <HERE> { ?s ?p ?o } } }",
    "minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <HERE> { ?s ?p ?o } } }",
    "exists": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <HERE> { ?s ?p ?x } } }",
    "not exists": "ASK { FILTER NOT EXISTS { SERVICE <HERE> { ?s ?p ?x } } }",
    "exists in an expression": "SELECT (EXISTS { SERVICE <HERE> { ?s ?p ?o } } AS ?x) {}",
    "inside a graph": "SELECT * { GRAPH ?g { SERVICE <HERE> { ?s ?p ?o } } }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <HERE> { ?s ?p ?o } }",
    "describe": "DESCRIBE ?s { SERVICE <HERE> { ?s ?p ?o } }",
    "lateral": "SELECT * { ?a ?b ?c LATERAL { SERVICE <HERE> { ?s ?p ?o } } }",
    "nested": "SELECT * { SERVICE <HERE> { SERVICE <HERE> { ?s ?p ?o } } }",
    "host name": "SELECT * { SERVICE <http://localhost:PORT/> { ?s ?p ?o } }",
    "encrypted": "SELECT * { SERVICE <https://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "keyword glued to a prefix": "PREFIX : <HERE> SELECT * { SERVICE:a { ?s ?p ?o } }",
    "hidden in what looks like an IRI":
        "PREFIX : <HERE> SELECT * { FILTER(1<2)SERVICE:p#>\n { ?s ?p ?o } }",
    "hidden and silent":
        "PREFIX : <HERE> SELECT * { FILTER(1<2)SERVICE SILENT:p#>\n { ?s ?p ?o } }",
    "hidden, by name and silent":
        "PREFIX : <http://localhost:PORT/> SELECT * { FILTER(1<2)SERVICE SILENT:p#>\n {} }",
    "hidden, encrypted and silent":
        "PREFIX : <https://localhost:PORT/> SELECT * { FILTER(1<2)SERVICE SILENT:p#>\n {} }",
    "hidden in an exists":
        "PREFIX : <HERE> ASK { FILTER(EXISTS { FILTER(1<2)SERVICE:p#>\n { ?s ?p ?o } }) }",
    "hidden in a subquery":
        "PREFIX : <HERE> SELECT * { { SELECT * { FILTER(1<2)SERVICE:p#>\n { ?s ?p ?o } } } }",
}  # fmt: skip


UPDATES = [
    "LOAD <HERE>",
    "LOAD SILENT <HERE>",
    "load <HERE> INTO GRAPH <http://example.org/g1>",
    "# a query\nLOAD <HERE>",
    "PREFIX x: <HERE> LOAD x:a",
    "BASE <HERE> LOAD <a>",
    "LOAD <file:///etc/hostname>",
    "INSERT DATA { <a:a> <a:b> 1 }",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <HERE> { ?s ?p ?o } }",
    "DELETE WHERE { ?s ?p ?o }",
    "WITH <http://example.org/g1> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "CLEAR ALL",
    "DROP GRAPH <http://example.org/g1>",
    "CREATE GRAPH <http://example.org/new>",
    "COPY <http://example.org/g1> TO DEFAULT",
    "MOVE <http://example.org/g1> TO DEFAULT",
    "ADD <http://example.org/g1> TO DEFAULT",
]


FROMS = [
    "SELECT * FROM <HERE> { ?s ?p ?o }",
    "SELECT * FROM NAMED <HERE> { GRAPH ?g { ?s ?p ?o } }",
    "select * from<HERE>{ ?s ?p ?o }",
    "SELECT * FROM # where\n <HERE> { ?s ?p ?o }",
    "PREFIX x: <HERE> SELECT * FROM x:a { ?s ?p ?o }",
    "BASE <HERE> SELECT * FROM <a> { ?s ?p ?o }",
    "SELECT * FROM <h\\u0074tp://127.0.0.1:PORT/> { ?s ?p ?o }",
    "SELECT * FROM <file:///etc/hostname> { ?s ?p ?o }",
    "SELECT * FROM NAMED <file:///etc/hostname> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * FROM ex:g1 FROM <HERE> { ?s ?p ?o }",
    "ASK FROM <HERE> {}",
    "CONSTRUCT { ?s ?p ?o } FROM <HERE> { ?s ?p ?o }",
    "CONSTRUCT FROM <HERE> where { ?s ?p ?o }",
    "DESCRIBE <a:a> FROM <HERE>",
]


def spelt(text: str, listener: Listener) -> str:
    here = f"http://127.0.0.1:{listener.port}/"
    return text.replace("HERE", here).replace("PORT", str(listener.port))
