"""What the formats of citation ask, as far as we use them: the Citation File Format 1.2.0, and the
metadata that Zenodo takes from a repository.

Written from their documentation, and stricter: what is not listed is refused, so that a field with
a slip in its name is seen. Whoever uses another field adds it here.
"""

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_WORDS = {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}
_DAY = {"type": "string", "format": "date"}
_ORCID = r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]"

CITATION: dict[str, Any] = {
    "type": "object",
    "required": ["authors", "cff-version", "message", "title"],
    "additionalProperties": False,
    "properties": {
        "abstract": _TEXT,
        "authors": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"oneOf": [{"$ref": "#/$defs/entity"}, {"$ref": "#/$defs/person"}]},
        },
        "cff-version": {"const": "1.2.0"},
        "date-released": _DAY,
        "doi": {"type": "string", "pattern": r"^10\.\d{4,9}(\.\d+)?/\S+$"},
        "keywords": _WORDS,
        "license": {"enum": ["Apache-2.0", "CC-BY-4.0"]},
        "message": _TEXT,
        "repository-code": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "type": {"enum": ["dataset", "software"]},
        "url": {"type": "string", "format": "uri"},
        "version": _TEXT,
    },
    "$defs": {
        "entity": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {"name": _TEXT, "website": {"type": "string", "format": "uri"}},
        },
        "person": {
            "type": "object",
            "required": ["family-names", "given-names"],
            "additionalProperties": False,
            "properties": {
                "affiliation": _TEXT,
                "family-names": _TEXT,
                "given-names": _TEXT,
                "orcid": {"type": "string", "pattern": f"^https://orcid\\.org/{_ORCID}$"},
            },
        },
    },
}

ZENODO: dict[str, Any] = {
    "type": "object",
    "required": ["access_right", "creators", "description", "license", "title", "upload_type"],
    "additionalProperties": False,
    "properties": {
        "access_right": {"const": "open"},
        "creators": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "affiliation": _TEXT,
                    "name": _TEXT,
                    "orcid": {"type": "string", "pattern": f"^{_ORCID}$"},
                },
            },
        },
        "description": _TEXT,
        "keywords": _WORDS,
        "language": {"type": "string", "pattern": "^[a-z]{3}$"},
        "license": {"enum": ["apache-2.0", "cc-by-4.0"]},
        "notes": _TEXT,
        "title": _TEXT,
        "upload_type": {"enum": ["dataset", "software"]},
    },
}
