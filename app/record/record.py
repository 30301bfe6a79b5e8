"""The record as it lies in its folders, and any other RDF that a command is given."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from app.errors import Fault
from app.namespaces import BASE, DCTERMS, SH, VOID
from app.namespaces import RDF as RDF_TERMS
from app.rdf.formats import JSON_LD, RDF, RDF_XML
from app.rdf.parser import Document, Statement, Syntax, read
from app.rdf.places import Wanted, statements
from app.rdf.source import read_source, text_of
from app.record.layout import FOLDERS as FOLDERS
from app.record.layout import is_record as is_record
from app.record.layout import program_root as program_root
from app.record.layout import record_at as record_at

BLANK = "FILL-IN"
"""What stands in a new file wherever somebody has to write something."""
_OTHERS = frozenset(
    f".{suffix}" for form in RDF for suffix in form.suffixes if form.media in (RDF_XML, JSON_LD)
)
VOCABULARIES = {part: ox.NamedNode(BASE + part) for part in ("ontology", "shapes")}
"""The IRI of each vocabulary of the program, by the folder that it lies in."""
_RULE = re.compile(r"[\w.-]+")
SUFFIXES = frozenset({*_OTHERS, *(s.value for s in Syntax)})


@dataclass(frozen=True)
class Rule:
    """One file of `ontology/rules/`: a CONSTRUCT query that fills the graph of its name."""

    name: str
    path: Path
    text: str


@dataclass(frozen=True)
class Record:
    """A record: its documents in the order of their paths, its rules in their order.

    `base` begins every IRI of the record (`void:uriSpace` of the dataset), `dataset` is the
    dataset's own IRI, `prefixes` what it declares, `texts` the kept texts of sources by the name
    of the source. `folders` are where its vocabulary lies: its own folder alone, or that of the
    program before it.
    """

    root: Path
    ontology: tuple[Document, ...]
    data: tuple[Document, ...]
    shapes: tuple[Document, ...]
    rules: tuple[Rule, ...]
    base: str
    dataset: ox.NamedNode
    prefixes: dict[str, str]
    texts: dict[str, str]
    folders: tuple[Path, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every RDF document of the record: ontology, data, shapes."""
        return self.ontology + self.data + self.shapes


def read_file(path: Path) -> Document:
    """Return one RDF file, its format told by its suffix, every term with its place.

    Raises Fault or ParseFault.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        known = " ".join(sorted(SUFFIXES))
        raise Fault(f"{path}: unknown kind of file; RDF files end in one of {known}")
    if suffix not in _OTHERS:
        return read(text_of(path), str(path), Syntax.of(path), path.resolve().as_uri())
    source = read_source(path)
    parsed = source.read()
    quads = list(parsed)
    wanted = Wanted(subjects=frozenset(quad.subject for quad in quads))  # type: ignore[misc]
    located = statements(source, wanted, lambda: quads)
    found = {statement.quad for statement in located}
    # What has no place of its own stands at the beginning of its file.
    located += [Statement(quad, 0, 0, 0, 0) for quad in dict.fromkeys(quads) if quad not in found]
    return Document(str(path), source.text, Syntax.TRIG, dict(parsed.prefixes), located)


def is_rdf(path: Path) -> bool:
    """Return whether a file is called like one of RDF, compressed or not."""
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return name.suffix.lower() in SUFFIXES


def find(paths: list[Path]) -> list[Path]:
    """Return the RDF files among `paths` and below the folders among them, sorted.

    Raises Fault for a path that is missing and for a folder without RDF.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise Fault("\n".join(f"{path}: no such file or folder" for path in missing))
    files: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            files.add(path)
            continue
        below = _below(path)
        if not below:
            raise Fault(f"{path}: a folder without data: no RDF file in it")
        files |= below
    return sorted(files)


def files_of(root: Path, folders: Sequence[str] = FOLDERS) -> list[Path]:
    """Return the RDF files in folders of a record, sorted.

    A folder may have none: beside `data/` there may be rules or templates alone.
    """
    return sorted(file for folder in folders for file in _below(root / folder))


def _below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if is_rdf(path) and path.is_file()}


def read_all(paths: list[Path]) -> list[Document]:
    """Return the RDF files that `find` finds. Raises one Fault that lists every unreadable one."""
    documents: list[Document] = []
    faults: list[str] = []
    for path in find(paths):
        try:
            documents.append(read_file(path))
        except Fault as fault:
            faults.append(str(fault))
    if faults:
        raise Fault("\n".join(faults))
    return documents


def read_record(root: Path) -> Record:
    """Return the record that lies in `root`. Raises Fault, a line for each file at fault.

    A vocabulary that the dataset conforms to (`dcterms:conformsTo`), and that the record's own
    folder does not define, is that of the program; the folder adds to it.
    """
    if not root.is_dir():
        raise Fault(f"{root}: no such folder")
    if not is_record(root):
        raise Fault(f"{root}: not a record: data/dataset.ttl, which describes it, is missing")
    parts: dict[str, tuple[Document, ...]] = {}
    faults: list[str] = []
    for folder in FOLDERS:
        try:
            parts[folder] = tuple(read_all(files_of(root, [folder])))
        except Fault as fault:
            faults.append(str(fault))
    if faults:
        raise Fault("\n".join(faults))
    description = next(d for d in parts["data"] if Path(d.path) == root / "data" / "dataset.ttl")
    base, dataset = _base(description)
    shared = [part for part in VOCABULARIES if _is_shared(part, description, parts[part])]
    folders = _folders(root, shared)
    for part in shared:
        parts[part] = tuple(read_all([program_root() / part])) + parts[part]
    return Record(
        root=root,
        **parts,
        rules=tuple(rule for one in folders for rule in _rules(one / "ontology" / "rules")),
        folders=folders,
        base=base,
        dataset=dataset,
        prefixes=_prefixes(description),
        texts={p.stem: text_of(p) for p in sorted((root / "data" / "sources").glob("*.txt"))},
    )


def vocabulary_folders(root: Path) -> tuple[Path, ...]:
    """Return where the vocabulary of a record lies, without reading what it holds.

    Raises Fault where its description or its ontology cannot be read.
    """
    [description] = read_all([root / "data" / "dataset.ttl"])
    own = tuple(read_all(files_of(root, ["ontology"])))
    return _folders(root, ["ontology"] if _is_shared("ontology", description, own) else [])


def _folders(root: Path, shared: Sequence[str]) -> tuple[Path, ...]:
    return (program_root(), root) if "ontology" in shared else (root,)


def _is_shared(part: str, description: Document, own: tuple[Document, ...]) -> bool:
    """Return whether a vocabulary is the program's: the dataset wants it and no file defines it."""
    vocabulary = VOCABULARIES[part]
    wanted = any(
        statement.quad.predicate == DCTERMS.conformsTo and statement.quad.object == vocabulary
        for statement in description.statements
    )
    return wanted and not any(
        statement.quad.subject == vocabulary and statement.quad.predicate == RDF_TERMS.type
        for document in own
        for statement in document.statements
    )


def _base(description: Document) -> tuple[str, ox.NamedNode]:
    for statement in description.statements:
        subject, predicate, space = statement.quad.triple
        if (
            predicate == VOID.uriSpace
            and isinstance(subject, ox.NamedNode)
            and isinstance(space, ox.Literal)
        ):
            return space.value, subject
    raise Fault(f"{description.path}: names no void:uriSpace, the base of the record's IRIs")


def _prefixes(description: Document) -> dict[str, str]:
    names: dict[object, dict[ox.NamedNode, str]] = {}
    for statement in description.statements:
        subject, predicate, value = statement.quad.triple
        if predicate in (SH.prefix, SH.namespace) and isinstance(value, ox.Literal):
            names.setdefault(subject, {})[predicate] = value.value
    return {
        declared[SH.prefix]: declared[SH.namespace]
        for declared in names.values()
        if SH.prefix in declared and SH.namespace in declared
    }


def _rules(folder: Path) -> list[Rule]:
    """Return the rules of a folder in their order. Raises Fault for a name that no IRI can have."""
    paths = sorted(folder.glob("*.rq"))
    if wrong := [path for path in paths if not _RULE.fullmatch(path.name)]:
        why = "a rule is named in IRIs: write letters, digits, - _ and . alone"
        raise Fault("\n".join(f"{path}: {why}" for path in wrong))
    return [Rule(path.stem.partition("-")[2] or path.stem, path, text_of(path)) for path in paths]
