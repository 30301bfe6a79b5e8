"""The validation of a record, or of any RDF against any shapes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import BASE, DSH
from app.rdf.parser import Document
from app.record.record import Record, find, is_record, read_all, read_record
from app.validation.findings import Finding, Severity
from app.validation.locations import Index
from app.validation.rules import evidence, files, vocabulary
from app.validation.validator import Advance, Validation

__all__ = ["Finding", "Severity", "check", "run", "validate"]


_SAID_BY_SHAPES = frozenset({DSH["Literal-valid"].value, DSH["Object-class"].value})


def _silent(_: float) -> None:
    pass


def run(
    paths: Sequence[Path],
    shapes: Sequence[Path] = (),
    *,
    as_of: date,
    advance: Advance = _silent,
) -> list[Finding]:
    """Return what is found in files and folders, in the order of their places.

    With `shapes`, the RDF at `paths` is validated against them. Without, a path is a record, or
    lies in one: then the whole record is checked and what is found at the path is returned.
    Raises Fault for what cannot be read, a line for each file.
    """
    missing = [path for path in (*paths, *shapes) if not path.exists()]
    if missing:
        raise Fault("\n".join(f"{path}: no such file or folder" for path in missing))
    if shapes:
        return _against(paths, read_all(list(shapes)), as_of, advance)
    roots: dict[Path, list[Path]] = {}
    for path in paths:
        roots.setdefault(_root(path), []).append(path)
    findings: list[Finding] = []
    for number, (root, asked) in enumerate(roots.items()):
        found = check(
            read_record(root),
            as_of=as_of,
            advance=lambda share, n=number: advance((n + share) / len(roots)),  # type: ignore[misc]
        )
        findings += found if root in asked else [f for f in found if _within(f, asked)]
    return sorted(findings, key=lambda finding: finding.order)


def _against(
    paths: Sequence[Path], shapes: list[Document], as_of: date, advance: Advance
) -> list[Finding]:
    if len(paths) == 1 and is_record(paths[0]):
        record = replace(read_record(paths[0]), shapes=tuple(shapes))
        return Validation(record, as_of).findings(advance)
    return validate(read_all(list(paths)), shapes, as_of=as_of, advance=advance)


def _root(path: Path) -> Path:
    if is_record(path):
        return path
    folder = path.resolve()
    for above in folder.parents:
        if is_record(above):
            # What is neither RDF nor a folder with RDF is a mistake of whoever asks.
            if path.is_dir():
                find([path])
            here = Path.cwd()
            return above.relative_to(here) if above.is_relative_to(here) else above
    if path.is_dir():
        find([path])
    raise Fault(f"{path}: belongs to no record; say what to check it against with --shapes")


def _within(finding: Finding, asked: Iterable[Path]) -> bool:
    return any(
        Path(place.path).resolve().is_relative_to(path.resolve())
        for place in finding.places
        for path in asked
    )


def check(record: Record, *, as_of: date, advance: Advance = _silent) -> list[Finding]:
    """Return everything that is the matter with a record, in the order of the places.

    `as_of` is the day that counts as today. `advance` is told the share done, from 0 to 1.
    Raises Fault if the shapes cannot be run.
    """
    validation = Validation(record, as_of)
    findings = validation.findings(lambda share: advance(share * 0.8))
    breaches = [
        *evidence.grounded(record),
        *evidence.together(record),
        *evidence.verbatim(Index(record.data), record.texts),
        *evidence.nested(validation.written),
        *files.named(record),
        *files.at_home(record),
        *files.canonical(record),
        *files.known_prefixes(record),
        *vocabulary.breaches(record, validation.names),
    ]
    merged = _merged(findings, [validation.declared(breach) for breach in breaches])
    advance(1)
    return sorted(merged, key=lambda finding: finding.order)


def validate(
    documents: Sequence[Document],
    shapes: Sequence[Document],
    *,
    as_of: date | None = None,
    advance: Advance = _silent,
) -> list[Finding]:
    """Return what breaks the shapes in any RDF documents, in the order of the places.

    All their graphs count as one, but for evidence that is not held. Raises Fault if the shapes
    cannot be run.
    """
    record = Record(
        root=Path(),
        ontology=(),
        data=tuple(documents),
        shapes=tuple(shapes),
        rules=(),
        base=BASE,
        dataset=ox.NamedNode(BASE + "dataset"),
        prefixes={},
        texts={},
    )
    return Validation(record, as_of, any_graph=True).findings(advance)


def _merged(shaped: list[Finding], coded: list[Finding]) -> list[Finding]:
    """Return findings without those that say again what a shape has said of the same triple.

    The shape names the rule better; why a literal is no date is better told by the other.
    """
    spoken = {(f.focus, f.path, f.value): n for n, f in enumerate(shaped) if f.value is not None}
    merged = list(shaped)
    for finding in coded:
        triple = (finding.focus, finding.path, finding.value)
        if finding.shape.full not in _SAID_BY_SHAPES or triple not in spoken:
            merged.append(finding)
        elif not merged[spoken[triple]].detail:
            merged[spoken[triple]] = replace(merged[spoken[triple]], detail=finding.detail)
    return merged
