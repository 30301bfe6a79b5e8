"""Entity tags: what they stand for."""

import hashlib
import json

import pytest

from app import __version__
from app.web.responses import tag, tags


def of_json(*parts: object) -> str:
    """Return the tag of parts as clients may have it already: by their JSON."""
    content = json.dumps([__version__, *parts], ensure_ascii=False).encode()
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@pytest.mark.parametrize(
    "parts", [(), ("",), ("é", [], ["b", "c"], None), ((1, 2), "x")], ids=range(4)
)
def test_a_tag_names_the_program_and_the_parts(parts: tuple[object, ...]) -> None:
    assert tag(*parts) == of_json(*parts)


def test_tags_with_a_common_beginning_are_those_of_all_the_parts() -> None:
    common: tuple[object, ...] = ("text", ["a"], [])
    others: list[tuple[object, ...]] = [("rows", "x/y", 5), ("graph", "z/y", None), ()]
    expected = [of_json(*common, *parts) for parts in others]
    assert list(tags(common, others)) == expected
    assert len(set(expected)) == 3
