"""`docs/conformance.md`: what the W3C's suites say, a section of its own for each part.

A section stands between two marks. Whoever generates one replaces that alone, and a test of his
compares it. `python tests/conformance_sparql.py` and its like write.
"""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "conformance.md"
_HEAD = """\
# Conformance

What the tests of the W3C say of this program. Each section is generated from the lists that the
tests hold the program to: a failure that is not listed fails them, and so does a listed one that
has been mended.
"""


def section(name: str, text: str, page: Path = PAGE) -> None:
    """Write the section `name`, and leave all others as they are; a new one goes to the end."""
    content = page.read_text(encoding="utf-8") if page.is_file() else _HEAD
    start, end = _marks(name)
    block = f"{start}\n\n## {name}\n\n{text.strip()}\n\n{end}"
    before = _pattern(name)
    if before.search(content):
        content = before.sub(lambda _: block, content)
    else:
        content = f"{content.rstrip()}\n\n{block}\n"
    page.write_text(content, encoding="utf-8")


def text_of(name: str, page: Path = PAGE) -> str | None:
    """Return the text of a section without its heading; None if the page has no such section."""
    content = page.read_text(encoding="utf-8") if page.is_file() else ""
    match = _pattern(name).search(content)
    return match[1].strip().removeprefix(f"## {name}").strip() if match else None


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: generated -->", f"<!-- {name}: end -->"


def _pattern(name: str) -> re.Pattern[str]:
    start, end = map(re.escape, _marks(name))
    return re.compile(f"{start}(.*?){end}", re.DOTALL)
