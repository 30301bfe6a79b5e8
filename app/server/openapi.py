"""The OpenAPI document: how the server is called."""

from typing import Any

from fastapi import FastAPI

from app.rdf.formats import FORM, GRAPHS, PROBLEM, QUERY, RESULTS


def describe(app: FastAPI) -> None:
    """Add `/sparql` to what the application says of itself, and its own way to refuse."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        document["paths"]["/sparql"] = _sparql()
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
    form = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    body = {
        "required": True,
        "content": {
            FORM: {"schema": form},
            QUERY: {"schema": {"type": "string"}},
        },
    }
    common = {"tags": ["SPARQL"], "responses": _responses()}
    return {
        "get": {**common, "summary": "Answer a query", "parameters": [query, *graphs]},
        "post": {
            **common,
            "summary": "Answer a query that the body holds",
            "parameters": graphs,
            "requestBody": body,
        },
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
        "400": "The query is malformed, or names a graph that the dataset does not hold",
        "403": "The query would change the data or leave the machine",
        "406": "No format that is offered is acceptable",
        "413": "The query is too long",
        "503": "The query takes too long, or too many queries wait",
        "507": "The query needs too much memory",
    }
    formats: dict[str, Any] = {media: {} for media in (*RESULTS, *GRAPHS)}
    return {
        "200": {"description": "The answer", "content": formats},
        "304": {"description": "The answer is the one that the client holds"},
        **{status: _refused(text) for status, text in meanings.items()},
    }


def _refused(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {PROBLEM: {}}}
