"""The ways out: whatever is asked or read, by whichever door, nothing knocks at a listening socket.

`test_sandbox.py` has the same spellings by GET and POST, and shows that the engine would call.
"""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bench.servers import ask, free_port
from hostile.spellings import FROMS, SERVICES, UPDATES, Listener, spelt
from hostile.test_hostile_documents import SHAPES, WHOLE, command, refusal
from shop import DATA, Shop, lay, serve, web

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
ALL = "SELECT ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
SECRET = "nobody should read this"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("ways"), DATA)) as found:
        yield found


def test_the_listener_counts_who_comes(listener: Listener) -> None:
    before = listener.hits
    with socket.create_connection(("127.0.0.1", listener.port)) as caller:
        assert caller.recv(8) == b"HTTP/1.1"
    assert listener.hits == before + 1


def doors(shop: Shop, query: str) -> dict[str, httpx.Response]:
    """Return what a query gets by every door but GET and direct POST."""
    url = f"{shop.url}sparql"
    form = str(httpx.QueryParams(query=query))
    return {
        "form": web.post(url, content=form, headers=FORM),
        "QUERY": web.request("QUERY", url, content=query, headers=DIRECT),
        "QUERY form": web.request("QUERY", url, content=form, headers=FORM),
        "page": web.get(url, params={"query": query}, headers={"Accept": "text/html"}),
        "file": web.get(url, params={"query": query, "format": "csv"}),
        "dataset": web.get(url, params={"query": query, "default-graph-uri": "x:a"}),
        "HEAD": web.head(url, params={"query": query}),
    }


@pytest.mark.parametrize("spelling", SERVICES)
def test_no_spelling_of_service_has_another_door(
    shop: Shop, listener: Listener, spelling: str
) -> None:
    before = listener.hits
    answers = doors(shop, spelt(SERVICES[spelling], listener))
    # The page shows the refusal to people.
    statuses = {door: answer.status_code for door, answer in answers.items()}
    assert statuses == dict.fromkeys(answers, 403)
    assert [door for door, answer in answers.items() if "secret" in answer.text] == []
    assert listener.hits == before


@pytest.mark.parametrize("text", FROMS)
def test_no_graph_is_fetched_by_any_door(shop: Shop, listener: Listener, text: str) -> None:
    before = listener.hits
    answers = doors(shop, spelt(text, listener))
    # What has no rows is no table, and so no file of one.
    assert {answer.status_code for answer in answers.values()} <= {200, 406}
    host = Path("/etc/hostname").read_text("utf-8").strip()
    assert [door for door, answer in answers.items() if "secret" in answer.text] == []
    if "/etc/hostname" in text:
        assert [door for door, a in answers.items() if f'"{host}' in a.text] == []
    assert listener.hits == before


@pytest.mark.parametrize("text", UPDATES)
def test_no_update_is_let_in_by_the_other_doors(shop: Shop, listener: Listener, text: str) -> None:
    before = listener.hits
    answers = doors(shop, spelt(text, listener))
    assert {answer.status_code for answer in answers.values()} == {403}
    assert listener.hits == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "QUERY"])
@pytest.mark.parametrize("graph", ["HERE", "file:///etc/hostname"])
def test_the_graph_store_fetches_and_stores_nothing(
    shop: Shop, listener: Listener, method: str, graph: str
) -> None:
    before, name = listener.hits, spelt(graph, listener)
    body = {"content": "<a:a> <a:b> <a:c> .", "headers": {"Content-Type": "text/turtle"}}
    given = {} if method in ("GET", "HEAD") else body
    for address in (f"graphs?graph={name}", f"graphs/{name}"):
        answer = web.request(method, f"{shop.url}{address}", **given)  # type: ignore[arg-type]
        assert answer.status_code == (404 if method in ("GET", "HEAD") else 405)
    assert listener.hits == before
    assert shop.ask("ASK { GRAPH ?g { <a:a> ?p ?o } }").json()["boolean"] is False


_JSON_LD = '{{"@context": {context}, "@id": "http://e.example/a", "http://e.example/p": {value}}}'


def json_ld(context: str, value: str = "1") -> str:
    return _JSON_LD.format(context=context, value=value)


_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.example/" '
    'xmlns:xi="http://www.w3.org/2001/XInclude"><rdf:Description rdf:about="http://e.example/a">'
    "<e:p>{}</e:p></rdf:Description></rdf:RDF>"
)
_INCLUDING = _XML.replace("<e:p>{}", '<e:p rdf:parseType="Literal"><xi:include href="HERE"/>')
_TURTLE = "@prefix : <http://e.example/> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
_TURTLE += "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
# What is refused names its place; what is merely a name is read, and not followed.
DOCUMENTS = {
    "a context": (".jsonld", json_ld('"HERE"'), "refused"),
    "a context in a list": (".jsonld", json_ld('[{"a": "x:a"}, "HERE"]'), "refused"),
    "a context of a node within": (".jsonld", json_ld("{}", '{"@context": "HERE"}'), "refused"),
    "a context of a term": (
        ".jsonld",
        json_ld('{"t": {"@id": "x:t", "@context": "HERE"}}', '{"http://e.example/t": 1}'),
        "refused",
    ),
    "a context that is imported": (
        ".jsonld",
        json_ld('{"@version": 1.1, "@import": "HERE"}'),
        "refused",
    ),
    "a context of a file": (".jsonld", json_ld('"file://SECRET"'), "refused"),
    "a context beside the file": (".jsonld", json_ld('"secret.jsonld"'), "refused"),
    "an entity": (
        ".rdf",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "HERE">]>' + _XML.format("&a;"),
        "refused",
    ),
    "an entity of a file": (
        ".rdf",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file://SECRET">]>' + _XML.format("&a;"),
        "refused",
    ),
    "an entity of parameters": (
        ".rdf",
        '<!DOCTYPE x [<!ENTITY % a SYSTEM "HERE"> %a;]>' + _XML.format("x"),
        "refused",
    ),
    "a document type": (".rdf", '<!DOCTYPE x SYSTEM "HERE">' + _XML.format("x"), "read"),
    "a style sheet": (
        ".rdf",
        '<?xml-stylesheet href="HERE" type="text/xsl"?>' + _XML.format("x"),
        "read",
    ),
    "an inclusion": (".rdf", _INCLUDING, "read"),
    "an import": (".ttl", _TURTLE + "<> owl:imports <HERE> ; :p 1 .", "read"),
    "a graph of shapes": (".ttl", _TURTLE + "<> sh:shapesGraph <HERE> ; :p 1 .", "read"),
    "a base and a prefix": (".ttl", "@base <HERE> .\n@prefix : <HERE> .\n<> :p :o .", "read"),
    "a graph": (".trig", "<HERE> { <HERE> <http://e.example/p> <HERE> }", "read"),
}
SERVED = {
    "a context",
    "a context of a file",
    "an entity",
    "an entity of a file",
    "a document type",
    "an import",
    "a graph",
}
"""What is served as well in the short form; the others are read by the same reader."""


def written(name: str, listener: Listener, folder: Path) -> tuple[Path, str]:
    """Write a document and the file that it may not read; return it and what is to come of it."""
    suffix, text, fate = DOCUMENTS[name]
    secret = folder / "secret.jsonld"
    secret.write_text(f'{{"@context": {{"p": "http://e.example/{SECRET}"}}}}')
    file = folder / f"data{suffix}"
    file.write_text(spelt(text, listener).replace("SECRET", str(secret)))
    return file, fate


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_that_is_checked_opens_a_connection(
    name: str, listener: Listener, tmp_path: Path
) -> None:
    before = listener.hits
    file, fate = written(name, listener, tmp_path)
    (tmp_path / "shapes.ttl").write_text(SHAPES)
    shapes = ["--shapes", str(tmp_path / "shapes.ttl"), "--shapes", str(file)]
    with command(tmp_path, "check", str(file), *shapes[: 2 if fate == "refused" else 4]) as process:
        code = process.wait(120)
    errors = (tmp_path / "errors").read_text()
    assert listener.hits == before
    assert SECRET not in errors + (tmp_path / "out").read_text()
    if fate == "refused":
        assert (code, refusal(tmp_path).startswith(f"dialogue: {file}:")) == (2, True)
    else:
        assert (code in (0, 1), errors) == (True, "")


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if WHOLE or name in SERVED])
def test_no_document_that_is_served_opens_a_connection(
    name: str, listener: Listener, tmp_path: Path
) -> None:
    before = listener.hits
    file, fate = written(name, listener, tmp_path)
    port = free_port()
    answer = b""
    with command(tmp_path, "serve", "--port", str(port), str(file)) as process:
        for _ in range(2400):
            if process.poll() is not None:
                break
            try:
                answer = ask(port, "/sparql", ALL)
            except OSError:
                time.sleep(0.05)
            else:
                break
    assert listener.hits == before
    assert SECRET.encode() not in answer
    if fate == "refused":
        line = refusal(tmp_path)
        assert (process.returncode, line.startswith(f"dialogue: {file}:")) == (2, True), line
    else:
        assert b'"bindings":[{' in answer
