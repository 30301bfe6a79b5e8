"""The validation of a record, or of any RDF against any shapes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import DLG, DSH
from app.rdf.garbage import uncollected
from app.rdf.source import LARGEST, Source, decoded, unpacked
from app.record.record import Record, find, is_record, read_all, read_record, record_at
from app.validation.engines.base import Ran
from app.validation.findings import Checked, Finding, Severity
from app.validation.foreign import check_sources
from app.validation.sources import Sources, read_sources

__all__ = ["Finding", "Severity", "check", "examine", "run", "validate"]

Advance = Callable[[float], None]
_SAID_BY_SHAPES = frozenset({DSH["Literal-valid"].value, DSH["Object-class"].value})

NOT_OF_RECORDS = "for RDF that is checked against shapes; a record is checked whole"


def _silent(_: float) -> None:
    pass


@dataclass(frozen=True)
class Options:
    """How to check.

    `as_of` is the day that counts as today for a record. `languages` are the reader's, the best
    first. For RDF against shapes: `beside` are files whose statements are joined to the data and
    not validated themselves; `graphs` those that count, all where there are none; `format` that
    of the data, else told by suffixes; `contexts` the text of JSON-LD contexts by IRI, since none
    is ever fetched. `stdin` is the content of the path `-`.
    """

    as_of: date | None = None
    languages: tuple[str, ...] = ()
    engine: str = "native"
    beside: tuple[Path, ...] = ()
    graphs: tuple[str, ...] = ()
    format: ox.RdfFormat | None = None
    contexts: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes | None = None
    advance: Advance = _silent

    def advancing(self, advance: Advance) -> "Options":
        """Return the same options with another who is told the share done."""
        return replace(self, advance=advance)


def run(
    paths: Sequence[Path],
    shapes: Sequence[Path] = (),
    *,
    as_of: date,
    advance: Advance = _silent,
) -> list[Finding]:
    """Return what is found in files and folders, in the order of their places.

    As `examine`, but raises Fault where shapes could not be run.
    """
    return _whole(examine(paths, shapes, Options(as_of=as_of, advance=advance)))


def examine(
    paths: Sequence[Path], shapes: Sequence[Path] = (), options: Options | None = None
) -> Checked:
    """Return what is found in files and folders, in the order of their places.

    With `shapes`, the RDF at `paths` is validated against them. Without, a path is a record, or
    lies in one: then the whole record is checked and what is found at the path is returned.
    Raises Fault for what cannot be read, a line for each file, and for an option that is not for
    records.
    """
    options = options or Options()
    files = [path for path in (*paths, *shapes, *options.beside) if str(path) != "-"]
    missing = [path for path in files if not path.exists()]
    if missing:
        raise Fault("\n".join(f"{path}: no such file or folder" for path in missing))
    if takes_record(paths, shapes):
        _refuse(options)
    if shapes:
        return _against(paths, shapes, options)
    roots: dict[Path, list[Path]] = {}
    for path in paths:
        roots.setdefault(_root(path), []).append(path)
    checks: list[Checked] = []
    for number, (root, asked) in enumerate(roots.items()):

        def advance(share: float, before: int = number) -> None:
            options.advance((before + share) / len(roots))

        with uncollected():
            one = check_record(read_record(root), replace(options, advance=advance))
        within = one.findings if root in asked else [f for f in one.findings if _within(f, asked)]
        checks.append(replace(one, findings=tuple(within)))
    return checks[0] if len(checks) == 1 else _joined(checks)


def takes_record(paths: Sequence[Path], shapes: Sequence[Path]) -> bool:
    """Return whether `examine` reads records there, and not RDF as it stands in files."""
    if shapes:
        return len(paths) == 1 and is_record(paths[0])
    return all(record_at(path) for path in paths)


def _refuse(options: Options) -> None:
    """Raise Fault for an option that a record is not checked with: it would do nothing."""
    chosen = {
        "--with": options.beside,
        "--graph": options.graphs,
        "--input-format": options.format,
        "--context": options.contexts,
    }
    names = ", ".join(name for name, value in chosen.items() if value)
    if names:
        raise Fault(f"{names}: {NOT_OF_RECORDS}")


def _joined(checks: Sequence[Checked]) -> Checked:
    findings = [finding for one in checks for finding in one.findings]
    return Checked(
        tuple(sorted(findings, key=lambda finding: finding.order)),
        Ran(
            sum(one.ran.shapes for one in checks),
            sum(one.ran.focus_nodes for one in checks),
            sum(one.ran.constraints for one in checks),
        ),
        tuple(fault for one in checks for fault in one.faults),
        {p: space for one in reversed(checks) for p, space in one.prefixes.items()},
        tuple(note for one in checks for note in one.notes),
    )


def _against(paths: Sequence[Path], shapes: Sequence[Path], options: Options) -> Checked:
    if takes_record(paths, shapes):
        from app.validation.validator import Validation

        record = replace(read_record(paths[0]), shapes=tuple(read_all(list(shapes))))
        validation = Validation(
            record, options.as_of, languages=options.languages, engine=options.engine
        )
        return validation.check(options.advance)
    named = [path for path in paths if str(path) != "-"]
    data = read_sources(named, format=options.format, contexts=options.contexts) if named else []
    if options.stdin is not None:
        form = options.format or ox.RdfFormat.TURTLE
        text = decoded(unpacked(options.stdin, "-", LARGEST), "-")
        data.append(Source("-", text, form, contexts=options.contexts))
    beside = read_sources(options.beside, contexts=options.contexts) if options.beside else []
    return check_sources(
        Sources(data, options.graphs),
        Sources(read_sources(shapes, contexts=options.contexts)),
        Sources(beside) if beside else None,
        languages=options.languages,
        engine=options.engine,
        advance=options.advance,
    )


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
    return _whole(check_record(record, Options(as_of=as_of, advance=advance)))


def validate(data: Iterable[Path | str], shapes: Iterable[Path | str]) -> list[Finding]:
    """Return what breaks shapes in files of RDF, in the order of the places.

    Both are files, or folders with files, in any syntax of RDF. Raises Fault for what cannot be
    read, and if the shapes cannot be run.
    """
    return _whole(examine([Path(p) for p in data], [Path(p) for p in shapes]))


def _whole(checked: Checked) -> list[Finding]:
    if checked.faults:
        raise Fault(
            "\n".join(f"{one.place}: {one.shape.short}: {one.sentence}" for one in checked.faults)
        )
    return [*checked.findings]


def check_record(record: Record, options: Options) -> Checked:
    """Return everything that is the matter with a record, and how much was run."""
    # Loaded by need: who checks other data against shapes would wait for nothing.
    from app.validation.locations import Index
    from app.validation.rules import evidence, files, questions, vocabulary
    from app.validation.rules import quotes as quoted
    from app.validation.validator import Validation

    validation = Validation(
        record, options.as_of, languages=options.languages, engine=options.engine
    )
    checked = validation.check(lambda share: options.advance(share * 0.8))
    quotes = Index(record.data, predicates=(DLG.quote, DLG.source))
    breaches = [
        *evidence.grounded(record),
        *evidence.together(record),
        *evidence.verbatim(quotes, record.texts),
        *evidence.nested(validation.written),
        *quoted.breaches(record, validation.written),
        *files.named(record),
        *files.at_home(record),
        *files.finished(record),
        *files.canonical(record),
        *files.known_prefixes(record),
        *questions.runnable(record),
        *vocabulary.breaches(record, validation.names),
    ]
    merged = _merged(list(checked.findings), [validation.declared(breach) for breach in breaches])
    options.advance(1)
    return replace(checked, findings=tuple(sorted(merged, key=lambda finding: finding.order)))


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
