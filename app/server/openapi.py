"""The OpenAPI document: how the server is called."""

from typing import Any

from fastapi import FastAPI

from app.rdf.formats import ANSWERS, CHOICES, FORM, GRAPHS, PROBLEM, QUERY
from app.sparql.delivery import CAPPED


def describe(app: FastAPI) -> None:
    """Add `/sparql` and `/graphs` to what the application says of itself, and our refusals."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        document["paths"]["/sparql"] = _sparql()
        document["paths"]["/graphs"] = _graphs([_GRAPH, _DEFAULT, _FORMAT])
        document["paths"]["/graphs/{name}"] = _graphs([_NAME, _FORMAT])
        for operations in document["paths"].values():
            for operation in operations.values():
                # FastAPI announces its own way to refuse parameters, which is not ours.
                if operation["responses"].pop("422", None):
                    operation["responses"]["400"] = _refused("A parameter is wrong")
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _sparql() -> dict[str, Any]:
    """Return the endpoint as OpenAPI describes it: the protocol is older than OpenAPI's ways."""
    graphs = [
        _parameter("default-graph-uri", "A graph of the dataset to be (part of) the default graph"),
        _parameter("named-graph-uri", "A graph of the dataset to be a named graph"),
    ]
    query = {
        "name": "query",
        "in": "query",
        "description": "A SPARQL 1.1 query; without one, the service is described",
        "schema": {"type": "string"},
        "example": "SELECT * { ?s ?p ?o } LIMIT 10",
    }
    properties = {
        "query": {"type": "string"},
        "format": {"type": "string", "enum": [*CHOICES]},
        "timeout": _TIMEOUT["schema"],
    }
    form = {"type": "object", "properties": properties, "required": ["query"]}
    body = {
        "required": True,
        "content": {
            FORM: {"schema": form},
            QUERY: {"schema": {"type": "string"}},
        },
    }
    choices = [_FORMAT, _TIMEOUT]
    common = {"tags": ["SPARQL"], "responses": _responses()}
    return {
        "get": {**common, "summary": "Answer a query", "parameters": [query, *graphs, *choices]},
        "post": {
            **common,
            "summary": "Answer a query that the body holds",
            "parameters": [*graphs, *choices],
            "requestBody": body,
        },
    }


def _graphs(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how a graph is read: SPARQL 1.1 Graph Store HTTP Protocol, section 5.2."""
    responses = {
        "200": {"description": "The graph", "content": {media: {} for media in GRAPHS}},
        "304": {"description": "The graph is the one that the client holds"},
        "400": _refused("The request names no graph, or more than one"),
        "404": _refused("The dataset has no such graph"),
        "406": _refused("No format that is offered is acceptable"),
    }
    read = {"tags": ["SPARQL"], "summary": "Read a graph", "parameters": parameters}
    return {"get": {**read, "responses": responses}}


_CAPPED: dict[str, Any] = {
    CAPPED: {
        "description": "How many rows the answer has, where there are more",
        "schema": {"type": "integer"},
    }
}
_FORMAT: dict[str, Any] = {
    "name": "format",
    "in": "query",
    "description": "The format of the answer, before what Accept says; `output` is the same",
    "schema": {"type": "string", "enum": [*CHOICES]},
}
_TIMEOUT: dict[str, Any] = {
    "name": "timeout",
    "in": "query",
    "description": "In how many seconds the answer is wanted; the server's own limit stays",
    "schema": {"type": "number", "minimum": 0},
}
_GRAPH: dict[str, Any] = {
    "name": "graph",
    "in": "query",
    "description": "The IRI of a graph",
    "schema": {"type": "string", "format": "iri"},
}
_DEFAULT: dict[str, Any] = {
    "name": "default",
    "in": "query",
    "description": "The default graph, where this is there at all",
    "allowEmptyValue": True,
    "schema": {"type": "string"},
}
_NAME: dict[str, Any] = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "What follows in the address of the graph, which is its IRI",
    "schema": {"type": "string"},
}


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "array", "items": {"type": "string"}},
    }


def _responses() -> dict[str, Any]:
    meanings = {
        "400": "The query or a parameter is malformed",
        "403": "The query would change the data or leave the machine",
        "406": "No format that is offered is acceptable",
        "413": "The query is too long",
        "503": "The query takes too long, or too many queries wait",
        "507": "The query needs too much memory",
    }
    formats: dict[str, Any] = {media: {} for media in ANSWERS}
    return {
        "200": {"description": "The answer", "content": formats, "headers": _CAPPED},
        "304": {"description": "The answer is the one that the client holds"},
        **{status: _refused(text) for status, text in meanings.items()},
    }


def _refused(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {PROBLEM: {}}}
