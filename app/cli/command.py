"""What the commands share: how they fail, which record they take, what they show at work."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.errors import Fault

PATHS = click.Path(path_type=Path)


class Command(click.Group):
    """A group whose faults are one line each on standard error, and exit 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a Fault ends it with exit 2."""
        try:
            return super().invoke(ctx)
        except Fault as fault:
            for line in str(fault).splitlines():
                click.echo(f"dialogue: {line}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            # The reader of a pipe has seen enough, which is no error of ours.
            sys.stderr.close()
            ctx.exit(0)


def record_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option `--record`, which names another record than the one here."""
    return click.option(
        "--record", type=PATHS, metavar="FOLDER", help="The record; else the one you stand in."
    )(command)


def exclude_record(named: Path | None, others: Sequence[object]) -> None:
    """Raise click.UsageError where other data are named beside a record."""
    if named is not None and others:
        raise click.UsageError(f"--record {named} and {others[0]} exclude each other")


def record_root(named: Path | None = None) -> Path:
    """Return the folder of the record that is named, else of the one that one stands in.

    Raises Fault where there is none: what is bundled with the program is nobody's own, and
    nothing is written there.
    """
    from app.record.record import is_record, record_at

    root = named or record_at(Path())
    if root is None:
        raise Fault("there is no record here: name one with --record, or begin one: dialogue init")
    if not is_record(root):
        raise Fault(f"{root}: not a record: begin one with dialogue init")
    return root


def record_or_bundled(named: Path | None = None) -> Path:
    """Return the folder of a record to read, which is the bundled one where there is none here.

    That is said on standard error. Raises Fault where the one that is named is none.
    """
    from app.record.record import program_root, record_at

    if named is None and record_at(Path()) is None:
        click.echo("There is no record here: this is about the bundled one.", err=True)
        return program_root()
    return record_root(named)


@contextmanager
def progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal while something long runs; nothing in a pipe.

    The bar is given the share done, from 0 to 1.
    """
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield lambda share: bar.update(int(share * 1000) - bar.pos)


@contextmanager
def stages() -> Iterator[Callable[[str, float], None]]:
    """Show a bar on a terminal while several things are done, one after another.

    It is given what is done and the share of it; nothing is being done when that is empty.
    """
    bars: list[Any] = []

    def end() -> None:
        for bar in bars:
            bar.__exit__(None, None, None)
        bars.clear()

    def tell(doing: str, share: float) -> None:
        if not sys.stderr.isatty():
            return
        if bars and bars[0].label != doing:
            end()
        if doing and not bars:
            bars.append(click.progressbar(length=1000, label=doing, file=sys.stderr))
            bars[0].__enter__()
        for bar in bars:
            bar.update(int(share * 1000) - bar.pos)

    try:
        yield tell
    finally:
        end()


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder for what is not kept, and remove it in the end with all that lies in it."""
    from app.release.prepare import LAST_RESORT

    with tempfile.TemporaryDirectory(prefix="dialogue-") as name:
        folder = Path(name)
        try:
            yield folder
        finally:
            # What did not fit there was put into memory, under the same name.
            shutil.rmtree(LAST_RESORT / folder.name, ignore_errors=True)


def day(text: str | None) -> date | None:
    """Return the day that an option names, if it is given. Raises click.BadParameter."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write a day as YYYY-MM-DD", param_hint="--as-of") from None


def clock(path: Path, as_of: str | None = None) -> date:
    """Return the day that counts as today where a path is checked or built.

    That is the day an option names; else the day of the commit, where git knows one and nothing
    has been changed since; else today. Raises click.BadParameter.
    """
    from app.release.build import commit

    chosen = day(as_of)
    if chosen is not None:
        return chosen
    revision, committed = commit(path if path.is_dir() else path.parent)
    return committed if committed and not revision.endswith("+changes") else date.today()


def release_of(sources: tuple[Path, ...], folder: Path) -> Path:
    """Return the folder of the release to ask: the one that is named, else one made of `sources`.

    Nothing named is the bundled record. What is made is kept for the next time; where nothing can
    be kept, it is made in `folder`.

    Raises Fault for sources that are neither a record, a release nor RDF.
    """
    from app import settings
    from app.release.cache import Cache
    from app.release.prepare import prepare

    chosen = settings.load()
    cache = Cache(chosen.cache_dir, chosen.cache_disk)
    with stages() as tell:
        asked = sources or (record_or_bundled(),)
        return prepare(asked, chosen.base, cache, folder, note=note, advance=tell).release


def note(text: str) -> None:
    """Tell people something that is no answer, on standard error."""
    click.echo(text, err=True)
