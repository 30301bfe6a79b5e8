"""What the commands share: how they fail, which record they take, what they show at work."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.errors import Fault

PATHS = click.Path(path_type=Path)
ROOT = Path(__file__).resolve().parents[2]


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


def record_root() -> Path:
    """Return the folder of the bundled record: the current one if it is a record, else ours."""
    from app.record.record import is_record

    return Path() if is_record(Path()) else ROOT if is_record(ROOT) else ROOT / "app" / "bundled"


@contextmanager
def progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal while something long runs; nothing in a pipe.

    The bar is given the share done, from 0 to 1.
    """
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield lambda share: bar.update(int(share * 1000) - bar.pos)


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


def release_of(sources: tuple[Path, ...], out: Path) -> Path:
    """Return the folder of the release to serve: the one that is named, else one built for it.

    That of a record is kept for the next start; anything else is built into `out`.

    Raises Fault for sources that are neither a record, a release nor RDF.
    """
    from app import manifest, settings
    from app.record import record
    from app.release import build, cache

    if len(sources) == 1 and manifest.holds(sources[0]):
        return sources[0]
    if not sources or (len(sources) == 1 and record.is_record(sources[0])):
        root = sources[0] if sources else record_root()
        folder = cache.kept(root) or out
        if not manifest.holds(folder):
            click.echo("Building a release of the record; it is kept for the next time.", err=True)
            build.build(record.read_record(root), folder)
            cache.forget(folder)
        return folder
    build.bundle(record.read_all(list(sources)), settings.load().base, out)
    return out
