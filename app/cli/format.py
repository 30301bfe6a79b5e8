"""`dialogue format`: Turtle and TriG as canonical text."""

from pathlib import Path

import click

from app.cli.command import PATHS, exclude_record, record_option, record_root
from app.errors import Fault


@click.command("format")
@click.argument("paths", nargs=-1, type=PATHS)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a file would change.")
@record_option
def command(paths: tuple[Path, ...], check: bool, record: Path | None) -> None:
    """Write Turtle and TriG as canonical text.

    No path: the whole record. Of a folder, files in other formats are left as they are.
    Example: dialogue format data/conferences/cimo-16.trig
    """
    from app.rdf import writer
    from app.rdf.parser import Syntax
    from app.record.record import files_of, find, read_file

    exclude_record(record, paths)
    files = find(list(paths)) if paths else files_of(record_root(record))
    faults: list[str] = []
    changes = 0
    for path in files:
        if path.suffix.lower() not in (Syntax.TURTLE.value, Syntax.TRIG.value):
            # Below a folder that is no mistake.
            if path in paths:
                faults.append(f"{path}: neither Turtle nor TriG, which alone have a canonical text")
            continue
        try:
            document = read_file(path)
            text = writer.write(
                (s.quad for s in document.statements), document.prefixes, document.syntax
            )
        except Fault as fault:
            faults.append(str(fault) if str(path) in str(fault) else f"{path}: {fault}")
            continue
        if text.encode() == path.read_bytes():
            continue
        changes += 1
        click.echo(f"{'would change' if check else 'changed'} {path}")
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
    if faults:
        raise Fault("\n".join(faults))
    click.get_current_context().exit(1 if check and changes else 0)
