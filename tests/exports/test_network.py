"""Edges as a network: what XML has marks for, ends of which nothing is known, edges alike."""

import io

import networkx
import pyoxigraph as ox

from app.exports import network
from app.exports.things import Thing

BASE = "http://e.org/"


def thing(iri: str, **members: str) -> Thing:
    return Thing(iri, {name: [ox.Literal(text)] for name, text in members.items()})


def test_any_text_and_any_name_come_back() -> None:
    text = "a < b & \"c\" 'd' ]]> é \x07"
    edges = [
        thing("http://e.org/id/x/1", source="http://e.org/id/a b", target="urn:c", role=text),
        thing("http://e.org/id/x/2", source="http://e.org/id/a b", target="urn:c"),
        thing("no end", source="http://e.org/id/a b"),
    ]
    made = network.as_graphml(edges, [thing("urn:c", name=text, kind="C")], BASE)
    read = networkx.read_graphml(io.BytesIO(made), force_multigraph=True)
    clean = text.replace("\x07", "\ufffd")
    assert dict(read.nodes(data=True)) == {
        "a_b": {"iri": "http://e.org/id/a b"},
        "urn:c": {"iri": "urn:c", "name": clean, "kind": "C"},
    }
    assert list(read.edges(keys=True, data=True)) == [
        ("a_b", "urn:c", "x:1", {"iri": "http://e.org/id/x/1", "role": clean}),
        ("a_b", "urn:c", "x:2", {"iri": "http://e.org/id/x/2"}),
    ]


def test_no_two_nodes_and_no_two_edges_share_an_id() -> None:
    edges = [
        thing(f"http://e.org/id/{name}", source=f"http://e.org/id/{name}", target="urn:c")
        for name in ("a,b", "a;b", "a_b_2")
    ]
    made = network.as_graphml(edges, [], BASE)
    read = networkx.read_graphml(io.BytesIO(made), force_multigraph=True)
    assert sorted(read.nodes) == ["a_b", "a_b_2", "a_b_2_2", "urn:c"]
    assert sorted(key for *_, key in read.edges(keys=True)) == ["a_b", "a_b_2", "a_b_2_2"]


def test_no_edge_is_an_empty_network() -> None:
    read = networkx.read_graphml(io.BytesIO(network.as_graphml([], [], BASE)))
    assert (list(read.nodes), list(read.edges)) == ([], [])
    assert network.as_csv([], []) == (
        b"edge,source,source_name,target,target_name,relation,role,rank,begins,ends,evidence\r\n"
    )
