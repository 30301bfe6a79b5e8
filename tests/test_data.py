"""The record itself: its files, its evidence and the words of the page that it began with."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from app.namespaces import BASE, DCTERMS, DLG, EDTF, RDF, RDFS, SH, SKOS
from app.rdf import edtf
from app.record.record import read_record
from app.validation.check import check
from app.validation.findings import Finding, Severity

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
SEED = "sgmai-5plus5"
DEFAULT = ox.DefaultGraph()
ORG = "http://www.w3.org/ns/org#"
FOLDERS = {
    "state": "states",
    "organisation": "organisations",
    "body": "bodies",
    "framework": "frameworks",
    "conference": "conferences",
    "event": "events",
    "document": "documents",
    "office": "offices",
    "person": "persons",
    "place": "places",
    "topic": "topics",
    "source": "sources",
}
LANGUAGES = {"en", "fr", "pt", "es", "it", "ar", "ca", "de", "mt"}
"""The languages of what was read; a slip in a tag would be a tenth."""
HELD = {DLG.accepted, DLG.inferred, DLG.editorial}
AUTHORITIES = {
    "country-codes",
    "dr5hn",
    "eu-country",
    "eu-language",
    "eu-place",
    "eurovoc",
    "everypolitician-algeria",
    "everypolitician-algeria-foreign",
    "everypolitician-france",
    "everypolitician-italy",
    "everypolitician-libya",
    "everypolitician-malta",
    "everypolitician-mauritania",
    "everypolitician-morocco",
    "everypolitician-portugal",
    "everypolitician-spain",
    "everypolitician-tunisia",
    "natural-earth",
    "supraverden",
    "world-cities",
}
"""The tables in which identifiers were read."""
IDENTIFIERS = re.compile(
    r"https?://(www\.wikidata\.org|sws\.geonames\.org|eurovoc\.europa\.eu"
    r"|publications\.europa\.eu/resource/authority/(?!language/))/?"
)
BEGIN, END = "<!-- warnings -->", "<!-- end of warnings -->"
KEPT_WITHOUT_EVIDENCE = {
    "and": "joins two statements, each of which has its evidence",
    "In this context": "leads over from the paragraph before",
    "In this context, that": "leads over from the paragraph before",
    "It should also be noted that": "leads over to the statement that follows",
    "5+5 Migrations Dialogue": "a heading; the name has its evidence in the sentence below it",
}
"""What is left of the page once every quote is taken out, and why it needs no evidence."""


@cache
def quads(folder: str) -> dict[Path, list[ox.Quad]]:
    """Return the quads of each file of a folder, blank nodes kept apart from file to file."""
    kinds = {".trig": ox.RdfFormat.TRIG, ".ttl": ox.RdfFormat.TURTLE}
    return {
        path: list(ox.parse(path.read_bytes(), kinds[path.suffix], rename_blank_nodes=True))
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in kinds
    }


def record() -> list[ox.Quad]:
    return [quad for file in quads("data").values() for quad in file]


@cache
def evidence() -> dict[ox.NamedNode, dict[ox.NamedNode, list[ox.NamedNode | ox.Literal]]]:
    """Return what is said of each piece of evidence, by property."""
    found: dict[ox.NamedNode, dict[ox.NamedNode, list[ox.NamedNode | ox.Literal]]] = {}
    for quad in record():
        if quad.graph_name == DEFAULT and "/id/evidence/" in str(quad.subject):
            said = found.setdefault(quad.subject, defaultdict(list))
            said[quad.predicate].append(quad.object)
    return found


def name(node: ox.NamedNode) -> str:
    return node.value.rpartition("/")[2]


def kind(node: ox.NamedNode) -> str:
    return node.value.split("/")[-2]


def plain(text: str) -> str:
    """Return text as quotes are compared: no-break spaces as spaces, white space collapsed."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()


@cache
def page() -> str:
    return plain((DATA / "sources" / f"{SEED}.txt").read_text(encoding="utf-8"))


def quotes_of_the_page() -> dict[str, str]:
    """Return the quotes of the seed page by the name of their evidence."""
    source = ox.NamedNode(f"{BASE}id/source/{SEED}")
    return {
        name(node): said[DLG.quote][0].value
        for node, said in evidence().items()
        if said[DLG.source] == [source]
    }


def pieces(quote: str) -> list[str]:
    return [plain(piece) for piece in quote.split("…")]


@cache
def said() -> dict[ox.NamedNode, dict[ox.NamedNode, list[ox.NamedNode | ox.Literal]]]:
    """Return what we hold of each thing, by property; of sources, what describes them."""
    found: dict[ox.NamedNode, dict[ox.NamedNode, list[ox.NamedNode | ox.Literal]]]
    found = defaultdict(lambda: defaultdict(list))
    for quad in record():
        graph = quad.graph_name
        if isinstance(quad.subject, ox.NamedNode) and (
            graph == DEFAULT or evidence()[graph][DLG.stance][0] in HELD
        ):
            found[quad.subject][quad.predicate].append(quad.object)
    return found


def things(*classes: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the things of these classes that we hold to exist."""
    return [node for node, known in said().items() if set(classes) & set(known[RDF.type])]


def ground(graph: ox.NamedNode) -> tuple[str, bool]:
    """Return the source of a piece of evidence, and whether it gives a record or a quote."""
    known = evidence()[graph]
    return name(known[DLG.source][0]), bool(known[DLG.record] or known[DLG.quote])


def warnings_table(findings: Iterable[Finding], kept: str) -> str:
    """Return the table of warnings for the README: by shape, how many, what a curator can do.

    The advice is taken from the table that is kept, since only a person can give it.
    """
    advice = dict(re.findall(r"^\| `([A-Z]\w+-\w+)` \| \d+ \| (.+?) \|$", kept, re.M))
    counts = Counter(finding.shape.short.removeprefix("dsh:") for finding in findings)
    rows = [
        f"| `{shape}` | {count} | {advice.get(shape, 'TO DO: say what a curator can do.')} |"
        for shape, count in sorted(counts.items())
    ]
    return "\n".join(["| shape | times | what a curator can do |", "|---|---|---|", *rows])


def test_every_file_of_the_record_is_rdf_that_says_something():
    assert [str(path) for path, file in quads("data").items() if not file] == []
    assert len(quads("data")) > 100


def test_every_quote_of_the_page_stands_in_its_text_word_for_word():
    wrong = {
        evidence: piece
        for evidence, quote in quotes_of_the_page().items()
        for piece in pieces(quote)
        if piece not in page()
    }
    assert wrong == {}


def test_no_sentence_of_the_page_is_left_without_evidence_or_a_reason():
    text = page()
    covered = [False] * len(text)
    for quote in quotes_of_the_page().values():
        for piece in pieces(quote):
            for match in re.finditer(re.escape(piece), text):
                covered[match.start() : match.end()] = [True] * len(piece)
    rest = "".join("\n" if done else letter for letter, done in zip(text, covered, strict=True))
    left = {piece.strip(" •;.,") for piece in rest.split("\n")} - {""}
    assert left == set(KEPT_WITHOUT_EVIDENCE)


def test_every_passage_of_the_page_is_evidence_and_its_pieces_are_lettered_in_order():
    letters = defaultdict(list)
    for evidence_name in quotes_of_the_page():
        number, letter = re.fullmatch(rf"{SEED}\.(\d{{3}})([a-z]?)", evidence_name).groups()
        letters[int(number)].append(letter)
    assert sorted(letters) == list(range(1, 188))
    for number, found in letters.items():
        assert sorted(found) == ["", *"bcdefghijk"][: len(found)], number


def test_the_16th_conference_reads_as_the_model_shows_it():
    text = (DATA / "conferences" / "cimo-16.trig").read_text(encoding="utf-8")
    assert (
        """\
ev:sgmai-5plus5.070 {
    conf:cimo-16
        a dlg:Conference ;
        dlg:date "2015-05-19"^^edtf:EDTF-level1 ;
        dlg:inSeries series:cimo ;
        dlg:ordinal 16 ;
        dlg:place place:lisbon ;
    .
}

ev:sgmai-5plus5.070
    a dlg:Evidence ;
    dlg:quote "the 16th Conference of the Western Mediterranean Interior Ministers took place in \
Lisbon on May 19, 2015"@en ;
    dlg:source source:sgmai-5plus5 ;
    dlg:stance dlg:accepted ;
.
"""
        in text
    )


def test_a_file_is_named_after_its_subject_and_lies_in_the_folder_of_its_kind():
    broader = {q.subject: q.object for q in record() if q.predicate == SKOS.broader}
    keeper = {
        q.subject: q.object
        for q in record()
        if q.predicate.value == ORG + "postIn" or q.predicate == DLG.seriesOf
    }

    def home(subject: ox.NamedNode) -> tuple[str | None, str]:
        subject = keeper.get(subject, subject)
        while kind(subject) == "topic" and subject in broader:
            subject = broader[subject]
        own = name(subject) if kind(subject) == "source" else name(subject).split(".")[0]
        return FOLDERS.get(kind(subject)), own

    misplaced = []
    for path, file in quads("data").items():
        main = []
        for subject in {q.subject for q in file if q.graph_name != DEFAULT}:
            # What others have named, as the languages of the EU table, has no file of its own.
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(BASE):
                folder, stem = home(subject)
                main.append(folder)
                if stem != path.stem or folder not in (None, path.parent.name):
                    misplaced.append(f"{path.relative_to(ROOT)}: {subject}")
        if main and path.parent.name not in main:
            misplaced.append(f"{path.relative_to(ROOT)}: nothing of its kind")
    assert misplaced == []


def test_a_graph_and_a_subject_each_stand_in_one_file():
    places = defaultdict(set)
    for path, file in quads("data").items():
        for quad in file:
            if quad.graph_name != DEFAULT:
                places[quad.graph_name].add(path)
            if isinstance(quad.subject, ox.NamedNode):
                places[quad.subject].add(path)
    assert {str(node): paths for node, paths in places.items() if len(paths) > 1} == {}


def test_every_graph_is_named_described_evidence_and_all_evidence_names_a_graph():
    graphs = {quad.graph_name for quad in record()} - {DEFAULT}
    assert [graph for graph in graphs if isinstance(graph, ox.BlankNode)] == []
    assert graphs == set(evidence())


def test_evidence_has_a_source_a_stance_and_a_quote_or_a_record_unless_it_is_editorial():
    wrong = []
    for node, said in evidence().items():
        stance = said[DLG.stance]
        editorial = stance == [DLG.editorial]
        grounds = len(said[DLG.quote]) + len(said[DLG.record])
        if (
            said[RDF.type] != [DLG.Evidence]
            or len(said[DLG.source]) != 1
            or len(stance) != 1
            or not node.value.endswith(f"{name(said[DLG.source][0])}.{name(node).split('.')[1]}")
            or (grounds == 0) != editorial
        ):
            wrong.append(name(node))
    assert wrong == []


def test_what_is_not_simply_accepted_says_why():
    silent = [
        name(node)
        for node, said in evidence().items()
        if (said[DLG.stance] != [DLG.accepted] or said[DLG.conflictsWith])
        and not said[SKOS.editorialNote]
    ]
    assert silent == []


def test_only_evidence_sources_publishers_questions_and_the_dataset_are_described_outside():
    subjects = {
        quad.subject
        for quad in record()
        if quad.graph_name == DEFAULT and isinstance(quad.subject, ox.NamedNode)
    }
    unproven = ("evidence", "publisher", "question", "source")
    others = {s.value for s in subjects if kind(s) not in unproven}
    # The dataset, and its parts, which have names of their own.
    prefixes = {f"{BASE}dataset#prefix-{prefix}" for prefix, _ in _declared()}
    parts = {f"{BASE}dataset#contact", f"{BASE}dataset#period"}
    assert others == {f"{BASE}dataset", *parts, *prefixes}


def test_everything_of_ours_that_is_spoken_of_is_described():
    described = {
        quad.subject
        for folder in ("data", "ontology", "shapes")
        for file in quads(folder).values()
        for quad in file
    }
    dangling = {
        node.value
        for quad in record()
        for node in (quad.predicate, quad.object)
        if isinstance(node, ox.NamedNode) and node.value.startswith(BASE)
    } - {node.value for node in described if isinstance(node, ox.NamedNode)}
    assert dangling == set()


def test_every_date_is_a_date():
    for quad in record():
        if isinstance(quad.object, ox.Literal) and quad.object.datatype == EDTF:
            edtf.read(quad.object.value)


def test_evidence_is_numbered_with_three_digits_or_more_and_its_pieces_are_lettered():
    numbered = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(\d{3}|[1-9]\d{3,})[b-z]?")
    assert [name(node) for node in evidence() if not numbered.fullmatch(name(node))] == []


def test_every_language_tag_is_of_a_language_that_was_read():
    tags = {q.object.language for q in record() if isinstance(q.object, ox.Literal)} - {None}
    assert tags == LANGUAGES


def test_every_thing_has_one_name_in_english_in_french_and_in_portuguese():
    # Addresses are parts of their body; a policy statement is known by its words; a publisher has
    # its own name; the dataset has a contact and a period.
    nameless = {
        "http://www.w3.org/ns/locn#Address",
        "http://data.europa.eu/m8g/ContactPoint",
        "http://www.w3.org/2006/vcard/ns#Organization",
        DCTERMS.PeriodOfTime.value,
    }
    wrong = {}
    for node, known in said().items():
        naming = RDFS.label if kind(node) == "question" else SKOS.prefLabel
        languages = [label.language for label in set(known[naming])]
        if not known[RDF.type] or BASE not in node.value:
            continue
        # The name of a tenure follows from those of its person and its office.
        if kind(node) in ("evidence", "publisher", "source", "tenure"):
            continue
        if nameless & {of.value for of in known[RDF.type]} or node.value == f"{BASE}dataset":
            continue
        worded = kind(node) == "policy" and known[DCTERMS.description] and not languages
        repeated = len(languages) != len(set(languages))
        if repeated or not (worded or {"en", "fr", "pt"} <= set(languages)):
            wrong[node.value] = languages
    assert wrong == {}


def test_no_quote_is_longer_than_forty_words():
    quotes = [(name(node), known[DLG.quote]) for node, known in evidence().items()]
    assert [where for where, found in quotes for q in found if len(q.value.split()) > 40] == []


def test_no_person_is_without_a_public_office():
    persons = things(DLG.Person)
    assert len(persons) > 100
    assert [
        name(p) for p in persons if not (said()[p][DLG.holdsOffice] and said()[p][DLG.officeOf])
    ] == []


def test_a_conference_has_its_kind_series_and_state_and_a_date_or_a_note_why_not():
    noted = {
        quad.subject
        for quad in record()
        if quad.graph_name != DEFAULT and evidence()[quad.graph_name][SKOS.editorialNote]
    }
    wrong = {}
    for node in things(DLG.Conference):
        known = said()[node]
        lacking = [
            name(term) for term in (DCTERMS.type, DLG.inSeries, DLG.status) if not known[term]
        ]
        if not (known[DLG.date] or node in noted):
            lacking.append("date")
        if lacking:
            wrong[name(node)] = lacking
    assert wrong == {}


def test_every_source_is_used():
    used = {known[DLG.source][0] for known in evidence().values()}
    assert sorted(name(source) for source in set(things(DLG.Source)) - used) == []


def test_a_mirror_of_a_text_is_an_address_of_its_source_and_no_source_of_its_own():
    addresses, texts = defaultdict(set), defaultdict(set)
    for node, known in said().items():
        if kind(node) == "source":
            for address in known[ox.NamedNode("https://schema.org/url")]:
                addresses[address.value.rstrip("/")].add(name(node))
    for known in evidence().values():
        for quote in known[DLG.quote]:
            if len(quote.value.split()) > 12:
                texts[plain(quote.value).casefold()].add(name(known[DLG.source][0]))
    assert len(addresses) > 400
    assert {found: of for found, of in (addresses | texts).items() if len(of) > 1} == {}


def test_of_two_claims_in_conflict_one_is_not_held_or_a_note_says_why():
    wrong = []
    for node, known in evidence().items():
        for other in known[DLG.conflictsWith]:
            pair = [known, evidence().get(other, defaultdict(list))]
            stances = {stance for of in pair for stance in of[DLG.stance]}
            noted = any(of[SKOS.editorialNote] for of in pair)
            if other not in evidence() or (stances <= HELD and not noted):
                wrong.append((name(node), name(other)))
    assert wrong == []


def test_an_identifier_stands_under_a_table_in_which_it_was_read():
    wrong = []
    found = 0
    for quad in record():
        if quad.graph_name == DEFAULT or not isinstance(quad.object, ox.NamedNode):
            continue
        if IDENTIFIERS.match(quad.object.value):
            found += 1
            source, grounded = ground(quad.graph_name)
            if source not in AUTHORITIES or not grounded:
                wrong.append((quad.subject.value, quad.object.value, name(quad.graph_name)))
    assert found > 200
    assert wrong == []


def test_a_text_that_is_kept_stands_beside_its_source_and_names_its_holder():
    kept = [path.stem for path in (DATA / "sources").glob("*.txt")]
    holders = {name(q.subject) for q in record() if q.predicate == DCTERMS.rightsHolder}
    assert kept == [SEED]
    assert set(kept) <= holders
    assert (DATA / "sources" / f"{SEED}.trig").is_file()


def test_the_readme_names_the_folders_and_things_that_are_there():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    folders = set(re.findall(r"^\| `(\w+)/` \|", text, re.M))
    assert folders == {path.name for path in DATA.iterdir() if path.is_dir()}
    prefixes = dict(_declared())
    things = re.findall(r"`(conf|doc|event|policy|series|side|topic):([\w.-]+)`", text)
    subjects = {quad.subject.value for quad in record() if isinstance(quad.subject, ox.NamedNode)}
    assert len(things) > 10
    assert [f"{p}:{local}" for p, local in things if prefixes[p] + local not in subjects] == []


def _declared() -> list[tuple[str, str]]:
    """Return the prefixes that the dataset declares."""
    by_node = defaultdict(dict)
    for quad in quads("data")[DATA / "dataset.ttl"]:
        by_node[quad.subject][quad.predicate] = quad.object.value
    return [(d[SH["prefix"]], d[SH.namespace]) for d in by_node.values() if SH.namespace in d]


def test_every_prefix_of_a_file_is_one_that_the_dataset_declares():
    declared = {f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in _declared()}
    for path in quads("data"):
        used = {line for line in path.read_text(encoding="utf-8").split("\n") if "@prefix" in line}
        assert used <= declared, path


def test_the_check_finds_no_violation_and_warns_of_what_the_readme_lists():
    findings = check(read_record(ROOT), as_of=date(2026, 11, 30))
    assert [f for f in findings if f.severity is Severity.VIOLATION] == []
    assert [f for f in findings if f.shape.short.startswith("dsh:Quote-")] == []
    text = (DATA / "README.md").read_text(encoding="utf-8")
    listed = text.partition(BEGIN)[2].partition(END)[0].strip()
    table = warnings_table(findings, listed)
    assert "TO DO" not in table, f"Say what a curator can do, between the markers:\n\n{table}\n"
    assert listed == table, f"Paste this between the markers of data/README.md:\n\n{table}\n"
