"""The second audit: a hundred statements of the record, for a reader who did not write them.

    python tests/audit.py docs/audit-2.csv

What it found weak was mended in kind, everywhere; the third audit is drawn from what came of it by
another seed, and those after it in the same way, each after the one before:

    python tests/audit.py docs/audit-3.csv 20261130
    python tests/audit.py docs/audit-4.csv 20261201
    python tests/audit.py docs/audit-5.csv 20261202
    python tests/audit.py docs/audit-6.csv 20261203

The seed was fixed before the work that the second audit judges was begun; each draw is from the
record as it is when this runs. A verdict that the file has is kept where its statement is drawn
again. What only holds a statement together is not drawn: of which class a thing is, and which
meeting a participation belongs to.
"""

import csv
import random
import sys
from pathlib import Path

import pyoxigraph as ox

from app import read_record
from app.record import inference

SEED = 20261129
SIZE = 100
ROOT = Path(__file__).resolve().parent.parent
FIELDS = (
    "evidence", "stance", "subject", "property", "value", "quote", "note", "verdict", "reason",
)  # fmt: skip
# Begins with what is drawn; the rest explains it, and the verdict is the reader's.
KEY = ("evidence", "subject", "property", "value")
_STATEMENTS = """
PREFIX dlg: <https://w3id.org/dialogue/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?evidence ?stance ?subject ?property ?value ?quote ?note {
    GRAPH ?evidence { ?subject ?property ?value }
    ?evidence a dlg:Evidence ; dlg:stance ?stance ; dlg:quote ?quote .
    VALUES ?stance { dlg:accepted dlg:inferred }
    FILTER(?property NOT IN (rdf:type, dlg:event))
    OPTIONAL { ?evidence skos:editorialNote ?note }
}
"""


def statements(root: Path) -> list[dict[str, str]]:
    """Return every statement that a quote stands for, accepted or inferred, in a fixed order."""
    store = ox.Store()
    store.extend(inference.dataset(read_record(root)))
    found: dict[tuple[str, ...], dict[str, str]] = {}
    rows = store.query(_STATEMENTS)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        statement = {name: _written(row[name]) for name in FIELDS[:7]}
        # Several notes of one passage are one statement all the same.
        key = tuple(statement[name] for name in KEY)
        other = found.setdefault(key, statement)
        other["note"] = " | ".join(sorted({*other["note"].split(" | "), statement["note"]} - {""}))
    return [found[key] for key in sorted(found)]


def draw(pool: list[dict[str, str]], seed: int = SEED) -> list[dict[str, str]]:
    """Return the statements that are to be read, in the order of the draw."""
    return random.Random(seed).sample(pool, SIZE)


def _written(term: object) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def main(out: Path, seed: int = SEED) -> None:
    """Write the draw by a seed to `out`, with the verdicts that stand there already."""
    before: dict[tuple[str, ...], dict[str, str]] = {}
    if out.exists():
        with out.open(encoding="utf-8", newline="") as file:
            before = {tuple(row[n] for n in KEY): row for row in csv.DictReader(file)}
    pool = statements(ROOT)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, restval="", lineterminator="\n")
        writer.writeheader()
        for statement in draw(pool, seed):
            known = before.get(tuple(statement[name] for name in KEY), {})
            verdict = {name: known.get(name, "") for name in ("verdict", "reason")}
            writer.writerow(statement | verdict)
    print(f"{SIZE} of {len(pool)} statements drawn into {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
