"""The formats of a release: a writer each, in the order in which they are made.

Whoever adds a format adds a writer to `WRITERS`, and nothing else.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence

import pyoxigraph as ox

from app.errors import Fault
from app.manifest import TABLES
from app.release.extracts import writers as extracts
from app.release.formats import dcat, packing, table_proof
from app.release.formats import rdf as rdf_formats
from app.release.formats import tables as table_formats
from app.release.formats.proof import Unproven
from app.release.material import Advance as Advance
from app.release.material import Distribution as Distribution
from app.release.material import Material as Material
from app.release.material import Writer as Writer


def chosen(names: Iterable[str] | None) -> tuple[Writer, ...]:
    """Return the writers of these formats in the order of WRITERS; None is all that are installed.

    Raises Fault for a name that is none, and for a format whose extra is not installed.
    """
    if names is None:
        return tuple(one for one in WRITERS if one.is_installed)
    asked = set(names)
    known = {one.name for one in WRITERS}
    if unknown := sorted(asked - known):
        raise Fault(f"{unknown[0]}: no format of a release; there are {', '.join(sorted(known))}")
    picked = tuple(one for one in WRITERS if one.name in asked)
    for one in picked:
        if not one.is_installed:
            raise Fault(f"{one.name}: not installed: pip install dialogue-graph[{one.extra}]")
    return picked


def able(
    writers: Iterable[Writer],
    read: Callable[[], Iterable[ox.Quad]],
    note: Callable[[str], None],
    *,
    of_record: bool = True,
) -> tuple[Writer, ...]:
    """Return the writers whose formats can hold the quads that `read` gives.

    Of the others, `note` is told in a line why they are left out.
    """

    def why_not(one: Writer) -> str:
        return one.why_not(read()) if of_record or not one.of_record else "this is no record"

    return _without(writers, why_not, note)


def fitting(
    writers: Iterable[Writer], material: Material, note: Callable[[str], None]
) -> tuple[Writer, ...]:
    """Return the writers whose formats can hold the tables of a dataset; `note` as for `able`."""
    return _without(writers, lambda one: one.why_not_tables(material), note)


def _without(
    writers: Iterable[Writer], why_not: Callable[[Writer], str], note: Callable[[str], None]
) -> tuple[Writer, ...]:
    fit = []
    for one in writers:
        if reason := why_not(one):
            note(f"{one.name} is left out: {reason}")
        else:
            fit.append(one)
    return tuple(fit)


def write(writers: Sequence[Writer], material: Material, advance: Advance, *, prove: bool) -> None:
    """Write the files of each format, and read them back where it is to be proved what they hold.

    Raises Unproven with a line for each file that holds something else.
    """
    parts = len(writers) * (2 if prove else 1)
    done = 0

    def part(share: float) -> None:
        advance((done + min(share, 1)) / parts)

    lines: list[str] = []
    for phase in (False, True):
        group = [one for one in writers if one.of_files is phase]
        for one in group:
            one.write(material, part)
            done += 1
        for one in group if prove else ():
            lines += one.differences(material)
            done += 1
            part(0)
        made = material.folder / TABLES
        if "csv" not in {one.name for one in writers} and made.is_dir():
            # The other tables were made from them and are proved by them; nothing tells of them.
            lines += table_proof.csv_differences(material) if prove else ()
            shutil.rmtree(made)
    if lines:
        raise Unproven(lines)


WRITERS: tuple[Writer, ...] = (
    *rdf_formats.WRITERS,
    *table_formats.WRITERS,
    *extracts.WRITERS,
    # They pack, and tell of, what the others wrote.
    packing.WRITER,
    dcat.WRITER,
)
