"""How deep JSON may nest is one number, whatever the Python that reads it would bear."""

import pytest

from app.errors import ParseFault
from app.rdf.jsonld.text import DEEPEST, require_json


def nested(depth: int) -> str:
    return '{"a": [' * (depth // 2) + "1" + "]}" * (depth // 2)


def test_what_nests_as_deep_as_may_be_is_read() -> None:
    require_json(nested(DEEPEST))
    # Many brackets are not deep, and those in a text are none.
    require_json(f"[{', '.join(['[[]]'] * DEEPEST)}]")
    require_json('["' + "[{" * 5000 + '\\""]')


@pytest.mark.parametrize("depth", [DEEPEST + 2, 5000, 200_000])
def test_what_nests_deeper_is_refused_at_its_place(depth: int) -> None:
    with pytest.raises(ParseFault, match="brackets nest deeper than 900") as fault:
        require_json(nested(depth), "deep.jsonld")
    assert "deep.jsonld" in str(fault.value)
