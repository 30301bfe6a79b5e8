"""What a release is made of, and what a writer of one of its formats is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import pyoxigraph as ox

from app.exports.tables import DataTable
from app.manifest import DATASET, TABLES
from app.namespaces import DCTERMS
from app.record.record import Record
from app.release.columns import survey as columns
from app.release.columns.survey import ReleaseColumns
from app.release.formats.table_rows import tables

Advance = Callable[[float], None]
"""Is told the share that is done, from 0 to 1."""


@dataclass(frozen=True)
class Distribution:
    """One file of a release: its name, media type and title."""

    file: str
    media_type: str
    title: str


@dataclass(frozen=True)
class Material:
    """What a release is made of: the quads of its dataset, which lies in `folder` as N-Quads.

    The lines of that file are sorted, so that all that is said of a thing stands together.
    `prefixes` shorten IRIs, `base` begins them, `record` is what the release is of; RDF of others
    has none, and its quads, `count` of them, are only in the file: `read` yields them in either
    case. `day` is that of the release (ISO 8601), of which it is number `of_day`, `version` the
    record's; RDF of others has none.
    """

    folder: Path
    quads: Sequence[ox.Quad]
    prefixes: Mapping[str, str]
    base: str
    record: Record | None = None
    count: int = 0
    day: str = ""
    of_day: int = 1
    version: str = ""
    memory: dict[object, object] = field(default_factory=dict, compare=False)
    """What was worked out of the dataset and is wanted again."""

    @property
    def size(self) -> int:
        """How many quads there are, as far as it is known."""
        return len(self.quads) or self.count

    @property
    def licence(self) -> str:
        """The IRI of the licence of a record; nothing where none is told."""
        return next(
            (
                quad.object.value
                for quad in self.quads
                if quad.predicate == DCTERMS.license
                and self.record
                and quad.subject == self.record.dataset
                and isinstance(quad.object, ox.NamedNode)
            ),
            "",
        )

    @cached_property
    def survey(self) -> ReleaseColumns:
        """The columns of the classes of the dataset; read from it when first asked for."""
        base = self.base if self.record else None
        return columns.survey(self.folder, base, self.prefixes, columns.reading_order(), self.size)

    @cached_property
    def tables(self) -> tuple[DataTable, ...]:
        """The tables of the release, which lie in its folder as CSV from when first asked for."""
        return tables(self.survey, self.folder / TABLES)

    def read(self) -> Iterator[ox.Quad]:
        """Yield the quads of the dataset in the order of its lines."""
        return ox.parse(path=str(self.folder / DATASET), format=ox.RdfFormat.N_QUADS)


def default_graph(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield the quads of the default graph: what we hold."""
    return (quad for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph))


@dataclass(frozen=True)
class Writer:
    """A format: its name on the command line, its files, and what writes them into the folder.

    `files` are those that every release has, by which the dataset describes itself; `write` may
    write more. `needs` are the modules that it cannot do without, of the optional `extra`;
    what is `of_record` is made of records alone, and what is `of_files` of the files of others,
    after them.
    `why_not` says in one line why the format cannot hold these quads, and nothing where it can;
    `why_not_tables` the same of the tables of the dataset, whose columns are known only later.
    `differences` reads the files back and yields a line for each that holds something else than
    the dataset does.
    """

    name: str
    files: tuple[Distribution, ...]
    write: Callable[[Material, Advance], None]
    needs: tuple[str, ...] = field(default=())
    extra: str = ""
    of_record: bool = False
    of_files: bool = False
    why_not: Callable[[Iterable[ox.Quad]], str] = lambda quads: ""
    why_not_tables: Callable[[Material], str] = lambda material: ""
    differences: Callable[[Material], Iterable[str]] = lambda material: ()

    @property
    def is_installed(self) -> bool:
        """Whether all that it needs is installed."""
        return all(find_spec(module) is not None for module in self.needs)
