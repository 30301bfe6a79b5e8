"""Templates of HTML: whatever goes into one is escaped, and a name that nothing has is a fault."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined

_FOLDER = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Return what renders the templates of the program; filters and globals are its user's own.

    All of them are read with the first, and none again: a program that runs goes on with those that
    it was started with, whatever comes to lie in its folder.
    """
    return Environment(
        loader=DictLoader(_texts()),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _texts() -> Mapping[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in _FOLDER.glob("*.html")}
