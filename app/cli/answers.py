"""The answer to a query on the command line: a table for people, the standard formats else."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click
import pyoxigraph as ox
from prettytable import PrettyTable, TableStyle

from app import sandbox
from app.engine.analysis import analyse
from app.engine.columns import star, with_columns
from app.engine.serializer import serialise
from app.errors import Fault, Rejected
from app.manifest import DATASET
from app.rdf.formats import CHOICES, NAMES, RESULT_NAMES
from app.rdf.prefixes import PrefixMap, declarable

T = TypeVar("T")


def show(release: Path, text: str, form: str | None, prefixes: dict[str, str]) -> None:
    """Write the answer to a query over a release to standard output.

    `form` is a key of RESULT_NAMES or NAMES, or "table"; None chooses a table for rows and
    Turtle for graphs. The query may use `prefixes` without declaring them. Raises Fault for a
    query that is wrong and for a form that its answer does not have.
    """
    if analyse(text).federated:
        raise Fault("query: SERVICE is off: a query is answered from the record alone")
    store = ox.Store()
    store.bulk_load(path=str(release / DATASET), format=ox.RdfFormat.N_QUADS)
    # From here on nothing leaves the machine, whatever the query says.
    sandbox.close_network()
    try:
        found = store.query(_ordered(text, prefixes), prefixes=prefixes)
        content = _render(found, form, prefixes)
    except SyntaxError as error:
        raise Fault(f"query: {error.msg}") from None
    except Rejected as refused:
        raise Fault(f"query: {refused.detail}") from None
    except (RuntimeError, OSError, ValueError) as error:
        raise Fault(f"query: {error}") from None
    click.echo(content, nl=False)


def _ordered(text: str, prefixes: dict[str, str]) -> str:
    """Return a query with the columns of its `*` in the order in which it names them."""
    place = star(text)
    none = ox.Store().query(text, prefixes=prefixes) if place else None
    if place is None or not isinstance(none, ox.QuerySolutions):
        return text
    return with_columns(text, place, [variable.value for variable in none.variables])


def _render(
    answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    form: str | None,
    prefixes: dict[str, str],
) -> bytes:
    if isinstance(answer, ox.QueryTriples):
        chosen = _chosen(form or "turtle", NAMES, "a graph")
        used = declarable(prefixes, chosen)
        return ox.serialize(answer, format=chosen, prefixes=used) or b""
    if (form or "table") != "table":
        _chosen(form or "", RESULT_NAMES, "rows")
        content = io.BytesIO()
        serialise(answer, CHOICES[form or ""].rows or "", content, prefixes)
        return content.getvalue()
    if isinstance(answer, ox.QueryBoolean):
        return b"yes\n" if answer else b"no\n"
    return _table(answer, _shortener(prefixes)).encode()


def _chosen(form: str, offered: Mapping[str, T], what: str) -> T:
    if form not in offered:
        known = ", ".join(["table", *offered] if what == "rows" else offered)
        raise Fault(f"--format {form}: the answer is {what}; choose one of {known}")
    return offered[form]


def _table(rows: ox.QuerySolutions, short: Callable[[object], str]) -> str:
    names = [variable.value for variable in rows.variables]
    table = PrettyTable(names, align="l")
    table.set_style(TableStyle.SINGLE_BORDER)
    table.max_width = 72
    for row in rows:
        table.add_row([short(row[name]) for name in names])
    out = io.StringIO()
    count = len(table.rows)
    out.write(f"{table.get_string()}\n{count} row{'' if count == 1 else 's'}\n")
    return out.getvalue()


def _shortener(prefixes: dict[str, str]) -> Callable[[object], str]:
    names = PrefixMap(prefixes)

    def short(term: object) -> str:
        if term is None:
            return ""
        if isinstance(term, ox.Literal):
            return f"{term.value} @{term.language}" if term.language else term.value
        # Brackets would only take room in a table.
        return names.iri(term.value).strip("<>") if isinstance(term, ox.NamedNode) else str(term)

    return short
