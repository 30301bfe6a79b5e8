"""What the files of a release are, in words: for its catalogue and for its page."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.exports.dictionary import FILE_JSON
from app.manifest import COLUMNS, MANIFEST, TABLES
from app.rdf.formats import GZIP_SUFFIX
from app.versions import CHANGES, CHANGES_DATA, FEED, patch_name

_KNOWN = {
    CHANGES: "What changed with this release, in words",
    CHANGES_DATA: "What changed with this release, for programs",
    COLUMNS: "The columns of each class, for programs",
    FEED: "What changed with each release, as a feed",
    MANIFEST: "What the release says of itself, for programs",
}
_RULE = re.compile(r"rules/[0-9]+-(.+)\.rq")
_TABLE = re.compile(rf"(?:{TABLES}|parquet)/(.+)\.(?:csv|parquet)")
_PATCH = re.compile(re.escape(patch_name("?")).replace(r"\?", ".+").removesuffix(r"\.gz"))


def titles(folder: Path, names: Iterable[str], described: Mapping[str, str]) -> dict[str, str]:
    """Return what files of the release in `folder` are, in English, by their names.

    What nothing tells is left out. `described` is what the dataset says of its files. A packed
    file is what it packs.
    """
    tables = _tables(folder / FILE_JSON)
    named = {name: _title(name.removesuffix(GZIP_SUFFIX), described, tables) for name in names}
    return {name: title for name, title in named.items() if title}


def _title(name: str, described: Mapping[str, str], tables: Mapping[str, str]) -> str:
    if table := _TABLE.fullmatch(name):
        return tables.get(table[1]) or described.get(name, "")
    if rule := _RULE.fullmatch(name):
        return f"The rule {rule[1]}, by which facts are derived"
    if _PATCH.fullmatch(name):
        return "The way from the release before to this one"
    return described.get(name) or _KNOWN.get(name, "")


def _tables(dictionary: Path) -> Mapping[str, str]:
    """Return the titles of the tables, by their names."""
    if not dictionary.is_file():
        return {}
    tables = json.loads(dictionary.read_text(encoding="utf-8"))["tables"]
    return {table["table"]: table["title"] for table in tables}
