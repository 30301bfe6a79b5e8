"""What the ontology says of its terms, that it contradicts nothing, and what its rules conclude.

The numbers P01 to P41 are those of the OOPS! catalogue of pitfalls. Not here, because no program
can tell: P01, P09, P12, P14 to P18, P23, P27 and P31; because they need the web: P36's redirect
and P37. P13 is not asked for: an inverse is defined where a page or a rule needs it, and SPARQL
reads any property backwards.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib import namespace as vocabularies
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS, FOAF, ORG, OWL, RDF, RDFS, SKOS, VANN
from rdflib.term import Node

from app.namespaces import BASE
from app.rdf import edtf
from app.record.inference import held, quads, rule_graphs
from app.record.record import read_record

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "ontology").glob("*.ttl"))
RULES = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
DLG = Namespace(BASE + "ontology#")
HEADER = URIRef(BASE + "ontology")
VOAF = Namespace("http://purl.org/vocommons/voaf#")
LANGUAGES = ["en", "fr", "pt"]
NOTES = SKOS.scopeNote, SKOS.editorialNote
UNUSED = "Not used yet: "
SDO = Namespace("https://schema.org/")
TIME = Namespace("http://www.w3.org/2006/time#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
PROPERTIES = {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property}
BY_PROGRAM = {DLG.asOf, DLG.begins, DLG.Derivation, DLG.derivedBy, DLG.ends, DLG.premise}
BY_PROGRAM |= {DLG[name] for name in ("precision", "precisionScheme", *edtf.PRECISIONS)}
BY_PROGRAM |= {DLG.endStatus, DLG.endScheme, DLG.openEnd, DLG.unknownEnd}
BY_PROGRAM |= {DLG.addressBytes, DLG.answerRows, DLG.graphCount, DLG.queryBytes, DLG.querySeconds}
DESCRIPTION = ROOT / "app" / "release" / "void.py"
"""Says of a release what a record cannot know: its files, its version."""
DCAT_TERMS = Namespace("http://www.w3.org/ns/dcat#")
# rdflib has the terms of DCAT 2.
DCAT_3 = {DCAT_TERMS.inCatalog, DCAT_TERMS.version}
BY_ALIGNMENTS = {DLG.notAligned, DLG.propertyOfInstances}
HIERARCHY = (RDFS.subClassOf, RDFS.subPropertyOf)
BY_SHAPES = {DLG.countsOnly, DLG.countsSubjectsOf, DLG.countsValuesOf, DLG.numberedFor, DLG.remedy}
# Cases and mends make up terms that are wrong; the test of the explanations looks at their names.
MADE_UP = re.compile(
    r'(?s)(dlg:remedy|sh:description|skos:example) (""".*?"""|"(?:[^"\\\n]|\\.)*")(@[a-z]+)? ;'
)


@cache
def ontology() -> Graph:
    """The whole ontology in one graph."""
    return parsed(FILES)


@cache
def record() -> Graph:
    """What the record holds, without the ontology."""
    triples = held(list(quads(read_record(ROOT).data)))
    graph = Graph()
    graph.parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
    return graph


@cache
def reused() -> Graph:
    """What we say of the terms of others."""
    return parsed([ROOT / "ontology" / "reused.ttl"])


def parsed(files: Iterable[Path]) -> Graph:
    graph = Graph()
    for file in files:
        graph.parse(file)
    return graph


def own(*kinds: URIRef) -> list[URIRef]:
    """Our terms of the given kinds; of every kind where none is given."""
    wanted = kinds or (OWL.Class, *PROPERTIES, SKOS.Concept, SKOS.ConceptScheme)
    found = {s for kind in wanted for s in ontology().subjects(RDF.type, kind)}
    return sorted(s for s in found if s.startswith(DLG))


def names(terms: Iterable[object]) -> list[str]:
    return sorted(str(term).removeprefix(DLG) for term in terms)


def labels(term: URIRef) -> dict[str, str]:
    found = [*ontology().objects(term, RDFS.label), *ontology().objects(term, SKOS.prefLabel)]
    return {str(label.language): str(label) for label in found}


def texts(term: Node, predicate: URIRef) -> list[Literal]:
    return [text for text in ontology().objects(term, predicate) if isinstance(text, Literal)]


def value(term: URIRef, predicate: URIRef, language: str = "en") -> str:
    """What is said of a term, in one language where it is said in several."""
    found = texts(term, predicate)
    return next((str(text) for text in found if text.language in (None, language)), "")


def group(term: URIRef) -> object:
    """Terms of one group are told apart by their labels: classes, properties, a scheme."""
    kinds = set(ontology().objects(term, RDF.type))
    scheme = ontology().value(term, SKOS.inScheme)
    return scheme or ("property" if kinds & PROPERTIES else max(kinds))


# What a term must say


def test_every_term_has_one_label_in_each_of_three_languages() -> None:
    counted = {
        term: sorted(
            str(label.language)
            for predicate in (RDFS.label, SKOS.prefLabel)
            for label in ontology().objects(term, predicate)
        )
        for term in own()
    }
    assert {t: found for t, found in counted.items() if found != LANGUAGES} == {}


def test_the_languages_of_the_ontology_are_those_that_it_states() -> None:
    assert sorted(str(tag) for tag in ontology().objects(HEADER, SDO.inLanguage)) == LANGUAGES


@pytest.mark.parametrize("predicate", [SKOS.definition, SKOS.example])
def test_every_term_has_one_definition_and_one_example_in_each_language(
    predicate: URIRef,
) -> None:
    """Terms of others too, as far as the record uses them."""
    terms = {*own(), *reused().subjects(RDFS.isDefinedBy)}
    tags = {term: sorted(text.language for text in texts(term, predicate)) for term in terms}
    assert {term: found for term, found in tags.items() if found != LANGUAGES} == {}


def test_every_term_has_one_source() -> None:
    assert names(t for t in own() if len(list(ontology().objects(t, DCTERMS.source))) != 1) == []


def test_every_term_says_that_this_ontology_defines_it() -> None:
    assert names(t for t in own() if (t, RDFS.isDefinedBy, HEADER) not in ontology()) == []


def test_every_note_about_a_term_is_in_english_and_every_text_neatly_spaced() -> None:
    predicates = (SKOS.scopeNote, SKOS.editorialNote, DLG.notAligned)
    notes = [(t, text) for t in own() for p in predicates for text in ontology().objects(t, p)]
    assert names(t for t, text in notes if text.language != "en") == []
    everything = [str(text) for _, _, text in ontology() if isinstance(text, Literal)]
    assert [t for t in everything if t != t.strip() or "  " in t] == []


def test_no_label_and_no_definition_repeats_within_a_group_of_terms() -> None:
    said: Counter[object] = Counter()
    for term in own():
        said.update((group(term), lang, text.lower()) for lang, text in labels(term).items())
        said.update((lang, value(term, SKOS.definition, lang).lower()) for lang in LANGUAGES)
    assert [what for what, count in said.items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_definition_uses_the_label_that_it_defines(language: str) -> None:
    circular = [
        term
        for term in own()
        if re.search(
            rf"\b{re.escape(labels(term)[language].lower())}\b",
            value(term, SKOS.definition, language).lower(),
        )
    ]
    assert names(circular) == []


NOUN_PHRASE = {
    "en": r"(A|An|The|What|Something) .*\.",
    "fr": r"(Une? |L[ea] |Les |L'|Ce ).*\.",
    "pt": r"(Uma? |[OA]s? |Algo |Aquilo ).*\.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_definition_can_stand_in_the_place_of_its_term(language: str) -> None:
    """A noun phrase for a class, the rest of a sentence for a property: no sentence of its own."""
    for term in own(OWL.Class):
        assert re.fullmatch(NOUN_PHRASE[language], value(term, SKOS.definition, language)), term
    for term in own(*PROPERTIES):
        text = value(term, SKOS.definition, language)
        assert re.fullmatch(r"[a-zàéê][^.]*[^.]", text), term
        assert len(text) >= len(labels(term)["en"]) or language != "en", f"P20: {term}"


def test_every_term_is_linked_to_another_vocabulary_or_says_why_not() -> None:
    """By what stands above it, by an inverse or by a match; a reason stands where there is none."""
    matches = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch)
    silent, both = [], []
    for term in own():
        above = {t for p in HIERARCHY for t in ontology().transitive_objects(term, p)}
        above |= set(ontology().objects(term, OWL.inverseOf))
        beside = {t for p in (*matches, SKOS.relatedMatch) for t in ontology().objects(term, p)}
        linked = any(not str(other).startswith(DLG) for other in above | beside)
        excuse = bool(value(term, DLG.notAligned))
        silent += [term] if not linked and not excuse else []
        both += [term] if linked and excuse else []
    assert (names(silent), names(both)) == ([], [])


def test_no_two_terms_share_the_reason_for_having_no_link() -> None:
    reasons = Counter(str(text) for text in ontology().objects(None, DLG.notAligned))
    assert [reason for reason, count in reasons.items() if count > 1] == []


def test_classes_are_nouns_with_a_capital_and_everything_else_begins_small() -> None:
    """P03, P07, P21, P22 and P36, as far as a name shows them."""
    assert [t for t in names(own(OWL.Class)) if not re.fullmatch(r"([A-Z][a-z]+)+", t)] == []
    rest = names(set(own()) - set(own(OWL.Class)))
    assert [t for t in rest if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", t)] == []
    vague = r"is|isA|.*(And|Or)[A-Z].*|(?i:other|misc|miscellaneous|unknown|general)"
    assert [t for t in names(own()) if re.fullmatch(vague, t)] == []


# Terms and their use


def written(folders: list[str]) -> dict[str, set[str]]:
    """The names of our terms in the files of some folders, each with the files that use it."""
    pattern = re.compile(rf"(?:\bdlg:|\bDLG\.|{re.escape(DLG)})([A-Za-z][A-Za-z0-9]*)")
    found: dict[str, set[str]] = {}
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".ttl", ".trig", ".rq", ".html", ".py"}:
                for name in pattern.findall(MADE_UP.sub(r"\1", file.read_text())):
                    found.setdefault(name, set()).add(str(file.relative_to(ROOT)))
    return found


def test_every_term_of_ours_that_is_used_anywhere_is_defined() -> None:
    """P34 and P35."""
    defined = set(names(own()))
    used = written(["ontology", "shapes", "data", "app"])
    assert {name: files for name, files in used.items() if name not in defined} == {}


def used_in_the_record() -> set[object]:
    """Terms in the data or concluded by a rule, and the classes and schemes above them."""
    used: set[object] = {URIRef(DLG + name) for name in written(["data", "ontology/rules"])}
    used |= BY_PROGRAM | BY_SHAPES | BY_ALIGNMENTS
    for term in list(used):
        used |= set(ontology().transitive_objects(term, RDFS.subClassOf))
        used |= set(ontology().objects(term, SKOS.inScheme))
    return used


def test_every_term_is_used_or_says_why_not() -> None:
    silent = set(own()) - used_in_the_record() - set(excused())
    assert names(silent) == []


def test_no_term_in_use_still_says_that_it_is_not() -> None:
    assert names(set(excused()) & used_in_the_record()) == []


def excused() -> list[URIRef]:
    notes = ontology().subject_objects(SKOS.editorialNote)
    return [term for term, note in notes if note.startswith(UNUSED)]


def outside(graph: Graph) -> set[URIRef]:
    """Properties and classes of others' vocabularies, as a graph uses them."""
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    return {term for term in used if not str(term).startswith(BASE)}


def test_every_outside_term_that_the_record_uses_is_described() -> None:
    described = set(reused().subjects(RDFS.label))
    assert sorted(outside(record()) - described) == []


def test_every_outside_term_described_has_three_labels_a_note_and_its_vocabulary() -> None:
    graph = reused()
    for term in sorted(set(graph.subjects())):
        assert sorted(labels(term)) == LANGUAGES, term
        assert [n.language for n in graph.objects(term, SKOS.scopeNote)] == ["en"], term
        home = graph.value(term, RDFS.isDefinedBy)
        assert home and term.startswith(str(home).rstrip("/#")), term
        assert set(graph.objects(term, RDF.type)), term


def test_every_outside_term_described_is_used_or_says_why_not() -> None:
    described = set(reused().subjects(RDFS.label))
    used = outside(record()) | outside(ontology())
    used |= {o for _, p, o in ontology() if p not in (SKOS.closeMatch, SKOS.exactMatch)}
    concluded = "\n".join(rule.read_text() for rule in RULES)
    used |= {t for t in described if re.search(rf"\b{ontology().qname(t)}\b", concluded)}
    used |= {DCAT_TERMS[name] for name in re.findall(r"\bDCAT\.(\w+)", DESCRIPTION.read_text())}
    assert names(described - used - set(excused())) == []
    assert names(described & used & set(excused())) == []


def nobodys(terms: Iterable[object]) -> list[str]:
    """The terms that look like those of a well-known vocabulary and are not in it."""
    closed = "DC DCAT DCTERMS FOAF GEO ORG OWL PROV RDF RDFS SDO SH SKOS TIME VANN VOID XSD"
    known = [getattr(vocabularies, name) for name in closed.split()]
    wrong = []
    for term in (t for t in terms if isinstance(t, URIRef)):
        home = next((space for space in known if str(term).startswith(str(space))), None)
        known_of = term in DCAT_3 or str(term) == str(home)
        if home is not None and not known_of and term not in home:
            wrong.append(str(term))
    return sorted(wrong)


def test_outside_terms_exist_in_their_vocabularies() -> None:
    """P40: a misspelt term of a known vocabulary is nobody's term."""
    shapes = parsed(sorted((ROOT / "shapes").glob("*.ttl")))
    graphs = (ontology(), record(), shapes)
    assert nobodys({term for graph in graphs for triple in graph for term in triple}) == []


@pytest.mark.parametrize("home", [ORG, SKOS, DCTERMS, SDO, TIME, XSD])
def test_a_misspelt_outside_term_would_be_found(home: str) -> None:
    misspelt = URIRef(f"{home}membr")
    assert nobodys([misspelt]) == [str(misspelt)]


def test_nothing_is_said_about_outside_terms_but_in_the_file_for_them() -> None:
    """P40: no vocabulary is hijacked; what `reused.ttl` copies are names, notes and few axioms."""
    for file in FILES:
        subjects = {s for s in parsed([file]).subjects() if isinstance(s, URIRef)}
        if file.stem != "reused":
            assert sorted(s for s in subjects if not str(s).startswith(HEADER)) == [], file.stem
    axioms = parsed([ROOT / "ontology" / "reused.ttl"]).triples((None, RDFS.subClassOf, None))
    assert sorted(f"{ontology().qname(s)} {ontology().qname(o)}" for s, _, o in axioms) == [
        "foaf:Organization foaf:Agent",
        "foaf:Person foaf:Agent",
        "org:FormalOrganization org:Organization",
        "org:Organization foaf:Agent",
        "org:OrganizationalCollaboration org:Organization",
        "org:Role skos:Concept",
    ]


# How terms hang together


def test_no_hierarchy_has_a_cycle() -> None:
    """P06."""
    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader):
        graph = ontology() + record()
        starts = set(graph.subjects(predicate))
        above = {
            s: {
                x
                for o in graph.objects(s, predicate)
                for x in graph.transitive_objects(o, predicate)
            }
            for s in starts
        }
        assert [s for s in starts if s in above[s]] == []


def test_every_class_stands_below_another_and_beside_what_it_is_not() -> None:
    """P04 and P10."""
    apart = set(ontology().subjects(OWL.disjointWith)) | set(
        ontology().objects(None, OWL.disjointWith)
    )
    for members in ontology().objects(None, OWL.members):
        apart |= set(Collection(ontology(), members))
    for term in own(OWL.Class):
        line = set(ontology().transitive_objects(term, RDFS.subClassOf))
        assert line - {term}, f"P04: {term}"
        assert line & apart, f"P10: {term}"


def test_every_property_has_domain_and_range_or_says_why_not() -> None:
    """P04, P11 and P19."""
    for term in own(*PROPERTIES):
        note = value(term, SKOS.scopeNote)
        for predicate, word in ((RDFS.domain, "domain"), (RDFS.range, "range")):
            found = list(ontology().objects(term, predicate))
            assert len(found) == 1 or (not found and word in note), f"{term}: {word}"
            for target in found:
                known = (target, RDF.type, None) in ontology()
                assert known or "/www.w3.org/" in target, f"{term}: {target} is no class"


def test_object_properties_point_to_classes_and_datatype_properties_to_datatypes() -> None:
    for term in own(OWL.ObjectProperty):
        for target in ontology().objects(term, RDFS.range):
            assert (target, RDF.type, OWL.Class) in ontology(), term
    for term in own(OWL.DatatypeProperty):
        for target in ontology().objects(term, RDFS.range):
            assert (target, RDF.type, OWL.Class) not in ontology(), term


def test_inverse_properties_cross_their_domains_and_ranges() -> None:
    """P05, P25 and P26."""
    pairs = [(s, o) for s, o in ontology().subject_objects(OWL.inverseOf) if o.startswith(DLG)]
    assert names(s for s, _ in pairs) == ["adoptedAt", "partOf", "previousEdition"]
    for term, inverse in pairs:
        assert term != inverse
        assert (term, RDF.type, OWL.SymmetricProperty) not in ontology()
        for one, other in ((term, inverse), (inverse, term)):
            domain, target = ontology().value(one, RDFS.domain), ontology().value(other, RDFS.range)
            assert domain == target, f"{one}, {other}"


def test_symmetric_and_transitive_properties_stay_in_one_class() -> None:
    """P28 and P29; OWL 2 DL adds that what is transitive has no functional side."""
    for kind, expected in (
        (OWL.SymmetricProperty, ["conflictsWith"]),
        (OWL.TransitiveProperty, ["hasPart", "partOf", "within"]),
    ):
        found = own(kind)
        assert names(found) == expected
        for term in found:
            assert ontology().value(term, RDFS.domain) == ontology().value(term, RDFS.range)
            assert (term, RDF.type, OWL.FunctionalProperty) not in ontology()


def test_the_properties_with_one_value_are_functional() -> None:
    """`dlg:language` is not: a document may have several, though a language version has one."""
    expected = {"adoptedAt", "agent", "asOf", "begins", "endStatus", "ends", "event", "hostState"}
    expected |= {"inSeries", "mode", "nextEdition", "ordinal", "precision", "previousEdition"}
    expected |= {"quote", "read", "seriesOf", "source", "stance", "statedCount", "status"}
    assert names(own(OWL.FunctionalProperty)) == sorted(expected)


def test_limits_are_left_to_shapes() -> None:
    """P02, P24, P30 and P33: no equivalence, restriction or chain that could be misused."""
    banned = (OWL.equivalentClass, OWL.equivalentProperty, OWL.onProperty, OWL.propertyChainAxiom)
    assert [p for p in banned if (None, p, None) in ontology()] == []


def test_a_subproperty_fits_into_the_property_above_it() -> None:
    for term, above in ontology().subject_objects(RDFS.subPropertyOf):
        target = ontology().value(above, RDFS.range)
        if target is not None:
            mine = ontology().value(term, RDFS.range)
            assert target in set(ontology().transitive_objects(mine, RDFS.subClassOf)), term


def test_every_concept_is_in_one_scheme_and_no_scheme_is_empty_but_that_of_topics() -> None:
    for concept in own(SKOS.Concept):
        assert len(list(ontology().objects(concept, SKOS.inScheme))) == 1, concept
        scheme = ontology().value(concept, SKOS.inScheme)
        roles = (concept, RDF.type, ORG.Role) in ontology()
        assert roles == (scheme == DLG.roleScheme), concept
    filled = set(ontology().objects(None, SKOS.inScheme))
    assert names(set(own(SKOS.ConceptScheme)) - filled) == ["topicScheme"]


# The ontology as a whole


def test_the_header_says_what_a_registry_of_vocabularies_asks() -> None:
    """P38, P39, P41; FOOPS! OM1 to OM5, FIND1, VER1; LOV."""
    graph = parsed([ROOT / "ontology" / "ontology.ttl"])
    assert set(graph.objects(HEADER, RDF.type)) == {OWL.Ontology, VOAF.Vocabulary}
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert sorted(t.language for t in graph.objects(HEADER, predicate)) == LANGUAGES
    expected = {
        DCTERMS.license: ["https://creativecommons.org/licenses/by/4.0/"],
        OWL.versionIRI: [f"{HEADER}/0.1.0"],
        OWL.versionInfo: ["0.1.0"],
        VANN.preferredNamespacePrefix: ["dlg"],
        VANN.preferredNamespaceUri: [str(DLG)],
        DCTERMS.identifier: [str(HEADER)],
    }
    for predicate, values in expected.items():
        assert [str(v) for v in graph.objects(HEADER, predicate)] == values
    for predicate in (DCTERMS.creator, DCTERMS.publisher):
        maker = graph.value(HEADER, predicate)
        assert [str(v) for v in graph.objects(maker, FOAF.name)] == ["Dialogue contributors"]
    days = [graph.value(HEADER, p) for p in (DCTERMS.created, DCTERMS.issued, DCTERMS.modified)]
    assert {d.datatype for d in days if isinstance(d, Literal)} == {XSD.date}
    assert sorted(days) == days
    assert "0.1.0" in str(graph.value(HEADER, DCTERMS.bibliographicCitation))
    assert "Quotations" in str(graph.value(HEADER, DCTERMS.rights))
    assert (HEADER, SDO.creativeWorkStatus, None) in graph
    assert len(list(graph.objects(HEADER, DCTERMS.source))) > 1
    # The version says no more than of what it is one.
    version = URIRef(f"{HEADER}/0.1.0")
    assert {s for s in graph.subjects() if isinstance(s, URIRef)} == {HEADER, version}
    assert set(graph.predicate_objects(version)) == {
        (DCTERMS.isVersionOf, HEADER),
        (OWL.versionInfo, Literal("0.1.0")),
    }


def test_every_term_stands_in_one_file_and_the_alignments_apart() -> None:
    homes = {
        file.stem: {s for s in parsed([file]).subjects(RDF.type) if s.startswith(DLG)}
        for file in FILES
    }
    assert homes["alignments"] == set()
    assert sum(map(len, homes.values())) == len(set().union(*homes.values())) == len(own())


def errors(graph: Graph) -> list[str]:
    """What an OWL 2 RL reasoner finds contradictory in a graph."""
    closure = owlrl.OWLRL_Semantics(graph, axioms=False, daxioms=False, rdfs=False)
    closure.closure()
    return [str(message) for message in closure.error_messages]


def relations() -> Graph:
    """What the record says of how its things hang together: what axioms can contradict.

    Words, numbers and the descriptions of evidence are under no axiom but functionality, which
    the shapes check; a reasoner would take minutes over them.
    """
    graph = Graph()
    for subject, predicate, value in record():
        if (
            isinstance(value, URIRef)
            and (predicate == RDF.type or predicate.startswith((DLG, ORG)))
            and "/id/evidence/" not in subject
            and "/id/source/" not in subject
        ):
            graph.add((subject, predicate, value))
    return graph


def test_the_ontology_and_the_record_contradict_nothing() -> None:
    assert errors(ontology() + relations()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<x> a dlg:State , dlg:Territory .",
        "<x> dlg:hostState <y> . <y> a dlg:City .",
        "<x> a dlg:WorkingGroup , dlg:SteeringCommittee .",
        "<x> a dlg:Membership ; dlg:beganAt <y> . <y> a dlg:Conference .",
        "<x> dlg:partOf <y> . <y> a dlg:Series .",
        "<x> a dlg:Declaration ; dlg:expressedIn <y> .",
        "<x> dlg:inSeries <y> . <y> dlg:inSeries <z> .",
    ],
)
def test_a_planted_contradiction_is_found(planted: str) -> None:
    graph = Graph() + ontology()
    graph.parse(data=f"@prefix dlg: <{DLG}> . @base <http://example.org/> . {planted}")
    assert errors(graph) != []


# The rules

GIVEN = {
    "previous-edition": (
        """<one> dlg:inSeries <s> ; dlg:ordinal 1 .   <two> dlg:inSeries <s> ; dlg:ordinal 2 .
        <four> dlg:inSeries <s> ; dlg:ordinal 4 .     <three> dlg:inSeries <t> ; dlg:ordinal 3 .
        <unnumbered> dlg:inSeries <s> .""",
        "<two> dlg:previousEdition <one> . <one> dlg:nextEdition <two> .",
    ),
    "member-of": (
        """<m> a dlg:Membership ; org:member <party> ; org:organization <body> .
        <o> a dlg:Membership ; org:member <other> ; org:organization <body> ;
            org:role dlg:observerRole .
        <p> a dlg:Presidency ; org:member <chair> ; org:organization <body> .""",
        "<party> dlg:memberOf <body> .",
    ),
    "participant": (
        """<p> dlg:event <e> ; dlg:agent <here> ; org:role dlg:participantRole .
        <q> dlg:event <e> ; dlg:agent <guest> ; org:role dlg:guestRole .
        <r> dlg:event <e> ; dlg:agent <away> ; org:role dlg:absentRole .""",
        "<e> dlg:participant <here> , <guest> .",
    ),
    "presided-by": (
        """<p> a dlg:Presidency ; org:member <chair> ; org:organization <body> .
        <m> a dlg:Membership ; org:member <party> ; org:organization <body> .""",
        "<body> dlg:presidedBy <chair> .",
    ),
    "meeting-of": (
        "<c> dlg:inSeries <s> . <s> dlg:seriesOf <f> . <d> dlg:inSeries <t> .",
        "<c> dlg:meetingOf <f> .",
    ),
    "adopted": ("<d> dlg:adoptedAt <c> .", "<c> dlg:adopted <d> ."),
    "part-of": (
        "<a> dlg:partOf <b> . <b> dlg:partOf <c> . <c> dlg:partOf <d> .",
        "<a> dlg:partOf <c> , <d> . <b> dlg:partOf <d> .",
    ),
    "has-part": ("<a> dlg:partOf <b> , <c> .", "<b> dlg:hasPart <a> . <c> dlg:hasPart <a> ."),
    "within": (
        "<a> dlg:within <b> . <b> dlg:within <c> .",
        "<a> dlg:within <c> .",
    ),
    "host-state": (
        """<c> a dlg:Conference ; dlg:place <city> .   <city> dlg:within <land> .
        <land> dlg:territoryOf <state> .
        <e> a dlg:Event ; dlg:place <land> .
        <said> a dlg:Conference ; dlg:place <city> ; dlg:hostState <other> .
        <post> a dlg:LiaisonPost ; dlg:place <city> .""",
        "<c> dlg:hostState <state> . <e> dlg:hostState <state> .",
    ),
    "document-language": (
        """<v> eli:realizes <d> ; dlg:language <fr> . <w> eli:realizes <d> ; dlg:language <pt> .
        <x> eli:realizes <e> .""",
        "<d> dlg:language <fr> , <pt> .",
    ),
    "broader-transitive": (
        "<a> skos:broader <b> . <b> skos:broader <c> .",
        "<a> skos:broaderTransitive <b> , <c> . <b> skos:broaderTransitive <c> .",
    ),
    "concept": (
        """<a> a dlg:Topic ; skos:inScheme <scheme> . <b> a dlg:Topic .
        <c> a dlg:Event ; skos:inScheme <scheme> .""",
        "<a> a skos:Concept .",
    ),
    "narrower": (
        "<a> skos:broader <b> . <b> skos:broader <c> .",
        "<b> skos:narrower <a> . <c> skos:narrower <b> .",
    ),
    "top-concept": (
        """<a> a dlg:Topic ; skos:inScheme <scheme> . <b> a dlg:Topic .
        <c> a dlg:Topic ; skos:broader <a> ; skos:inScheme <scheme> .""",
        "<scheme> skos:hasTopConcept <a> . <a> skos:topConceptOf <scheme> .",
    ),
    "replaced-side": (
        """<a> dcterms:replaces dlg:northernSide . <b> dcterms:replaces dlg:sideScheme .
        <c> dcterms:replaces <d> . <d> owl:deprecated true .""",
        """<a> skos:broader dlg:northernSide ; skos:broaderTransitive dlg:northernSide .
        dlg:northernSide skos:narrower <a> .""",
    ),
    "ends-by": (
        """<north> dlg:memberGroup <n> ; org:member <es> , <it> , <pt> .
        <south> dlg:memberGroup <s> ; org:member <ma> , <tn> .
        <one> a dlg:Presidency ; org:organization <f> ; org:role dlg:presidencyRole ;
            org:member <es> ; dlg:begins "2008-01-21"^^xsd:date ; dlg:endStatus dlg:unknownEnd .
        <two> a dlg:Presidency ; org:organization <f> ; org:role dlg:presidencyRole ;
            org:member <ma> ; dlg:begins "2010-01-01"^^xsd:date ; dlg:endStatus dlg:openEnd .
        <far> a dlg:Presidency ; org:organization <f> ; org:role dlg:presidencyRole ;
            org:member <it> ; dlg:begins "2012-01-01"^^xsd:date ; dlg:endStatus dlg:unknownEnd .
        <elsewhere> a dlg:Presidency ; org:organization <g> ; org:role dlg:presidencyRole ;
            org:member <it> ; dlg:begins "2009-01-01"^^xsd:date .
        <co-north> a dlg:Presidency ; org:organization <f> ; org:role dlg:coPresidencyRole ;
            org:member <es> ; dlg:begins "2008-01-21"^^xsd:date ; dlg:endStatus dlg:unknownEnd .
        <co-south> a dlg:Presidency ; org:organization <f> ; org:role dlg:coPresidencyRole ;
            org:member <ma> ; dlg:begins "2008-01-21"^^xsd:date ; dlg:endStatus dlg:unknownEnd .
        <next-south> a dlg:Presidency ; org:organization <f> ; org:role dlg:coPresidencyRole ;
            org:member <tn> ; dlg:begins "2010-03-01"^^xsd:date ; dlg:endStatus dlg:openEnd .
        <next-north> a dlg:Presidency ; org:organization <f> ; org:role dlg:coPresidencyRole ;
            org:member <it> ; dlg:begins "2011-04-01"^^xsd:date .
        <after-north> a dlg:Presidency ; org:organization <f> ; org:role dlg:coPresidencyRole ;
            org:member <pt> ; dlg:begins "2013-04-01"^^xsd:date .""",
        """<one> dlg:endsBy "2010-01-01"^^xsd:date . <co-north> dlg:endsBy "2011-04-01"^^xsd:date .
        <co-south> dlg:endsBy "2010-03-01"^^xsd:date .""",
    ),
    "member-list": (
        """<one> dlg:memberOf <known>, <all> , <group> . <two> dlg:memberOf <known> .
        <known> a dlg:Framework . <group> a dlg:WorkingGroup .
        <all> a dlg:Organisation ; dlg:memberList dlg:wholeList . <none> a dlg:Framework .""",
        "<known> dlg:memberList dlg:partialList .",
    ),
    "adopter-list": (
        """<known> dlg:adoptedBy <one> , <two> . <none> a dlg:Declaration .
        <all> dlg:adoptedBy <one> ; dlg:adopterList dlg:wholeList .""",
        "<known> dlg:adopterList dlg:partialList .",
    ),
    "participant-list": (
        """<known> a dlg:Conference ; dlg:participant <one> , <guest> .
        <others> a dlg:Event ; dlg:participant <guest> . <series> dlg:participant <one> .
        <all> a dlg:Event ; dlg:participant <one> ; dlg:participantList dlg:wholeList .
        <one> a dlg:State . <guest> a dlg:Person .""",
        "<known> dlg:participantList dlg:partialList .",
    ),
    "topic-list": (
        """<known> a dlg:Conference ; dlg:topic <t> . <text> a dlg:Declaration ;
            dlg:introducesTopic <t> . <body> a dlg:WorkingGroup ; dlg:topic <t> .
        <all> a dlg:Event ; dlg:topic <t> ; dlg:topicList dlg:wholeList .""",
        """<known> dlg:topicList dlg:partialList . <text> dlg:topicList dlg:partialList .""",
    ),
    "unknown-list": (
        """<body> a dlg:Framework . <state> a dlg:State . <founding> a dlg:Founding .
        <text> a dlg:Declaration ; dlg:topicList dlg:partialList .
        <meeting> a dlg:Conference ; dlg:participantList dlg:wholeList .""",
        """<body> dlg:memberList dlg:unknownList . <text> dlg:adopterList dlg:unknownList .
        <meeting> dlg:topicList dlg:unknownList .""",
    ),
    "in-office": (
        """<t> a dlg:Tenure ; org:member <ana> ; dlg:office <o> .
        <u> a dlg:Tenure ; org:member <rui> ; dlg:office <o> .
        <v> a dlg:Tenure ; org:member <rui> ; dlg:office <q> .
        <p> dlg:agent <ana> . <r> dlg:agent <rui> . <s> dlg:agent <state> .""",
        "<p> dlg:inOffice <o> .",
    ),
    "attested-at": (
        """<t> a dlg:Tenure ; org:member <ana> ; dlg:office <o> ;
            dlg:begins "2010-01-01"^^xsd:date ; dlg:ends "2012-12-31"^^xsd:date .
        <u> a dlg:Tenure ; org:member <ana> ; dlg:office <o> ; dlg:begins "2015-01-01"^^xsd:date .
        <v> a dlg:Tenure ; org:member <rui> ; dlg:office <o> .
        <e> dlg:begins "2012-12-31"^^xsd:date ; dlg:ends "2013-01-01"^^xsd:date .
        <f> dlg:begins "2014-05-01"^^xsd:date ; dlg:ends "2014-05-01"^^xsd:date .
        <g> dlg:begins "2016-05-01"^^xsd:date ; dlg:ends "2016-05-01"^^xsd:date .
        <p> dlg:agent <ana> ; dlg:inOffice <o> ; dlg:event <e> .
        <q> dlg:agent <ana> ; dlg:inOffice <o> ; dlg:event <f> .
        <r> dlg:agent <ana> ; dlg:inOffice <o> ; dlg:event <g> .
        <s> dlg:agent <rui> ; dlg:inOffice <o> ; dlg:event <f> .
        <w> dlg:agent <rui> ; dlg:inOffice <x> ; dlg:event <g> .""",
        "<t> dlg:attestedAt <e> . <u> dlg:attestedAt <g> . <v> dlg:attestedAt <f> .",
    ),
    "represented-by": (
        """<e> dlg:participant <ana> , <state> , <other> . <ministry> dlg:partOf <state> .
        <o> dlg:officeOf <ministry> . <x> dlg:officeOf <other> .
        <p> dlg:event <e> ; dlg:agent <ana> ; dlg:inOffice <o> .
        <q> dlg:event <e> ; dlg:agent <state> . <r> dlg:event <e> ; dlg:agent <other> .
        <s> dlg:event <e> ; dlg:agent <rui> ; dlg:inOffice <x> .
        <t> dlg:event <f> ; dlg:agent <state> .""",
        "<q> dlg:representedBy <o> .",
    ),
    "delegation-rank": (
        """<o> dlg:rank dlg:ministerRank . <x> dlg:rank dlg:ambassadorRank .
        <p> dlg:representedBy <o> , <x> . <q> dlg:representedBy <x> .
        <r> dlg:representedBy <x> ; dlg:delegationRank dlg:ministerRank .""",
        """<p> dlg:delegationRank dlg:ministerRank .
        <q> dlg:delegationRank dlg:ambassadorRank .""",
    ),
    "office-holder": (
        """<t> a dlg:Tenure ; org:member <ana> ; dlg:office <o> . <o> dlg:officeOf <state> .
        <m> a dlg:Membership ; org:member <state> .""",
        "<ana> org:holds <o> . <t> org:organization <state> .",
    ),
    "tenure-name": (
        """<t> a dlg:Tenure ; org:member <ana> ; dlg:office <o> .
        <ana> skos:prefLabel "Ana"@en , "Ana"@pt .
        <o> skos:prefLabel "Minister"@en , "Ministre"@fr .""",
        """<t> skos:prefLabel "Ana, Minister"@en .""",
    ),
}
PREFIXES = f"""@base <http://example.org/> . @prefix dlg: <{DLG}> . @prefix skos: <{SKOS}> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix org: <{ORG}> . @prefix eli: <http://data.europa.eu/eli/ontology#> .
@prefix xsd: <{XSD}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def triples(graph: Graph) -> set[str]:
    return {f"{s.n3()} {p.n3()} {o.n3()}" for s, p, o in graph}


def named(rule: Path) -> str:
    return rule.stem.partition("-")[2]


def test_the_rules_are_those_that_are_shown_here_and_numbered_in_order() -> None:
    assert [named(rule) for rule in RULES] == list(GIVEN)
    assert [rule.stem.partition("-")[0] for rule in RULES] == [
        f"{n:02}" for n in range(1, len(RULES) + 1)
    ]


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_concludes_the_same_on_two_engines_and_nothing_more(rule: Path) -> None:
    given, expected = (PREFIXES + text for text in GIVEN[named(rule)])
    graph = Graph().parse(data=given) + ontology()
    store = ox.Store()
    store.load(given.encode(), ox.RdfFormat.TURTLE)
    for file in FILES:
        store.load(file.read_bytes(), ox.RdfFormat.TURTLE)
    wanted = triples(Graph().parse(data=expected))
    text = rule.read_text()
    by_rdflib = graph.query(text).graph
    by_oxigraph = Graph().parse(
        data=ox.serialize(store.query(text), format=ox.RdfFormat.N_TRIPLES), format="nt"
    )
    assert by_rdflib is not None
    assert triples(by_rdflib) == wanted
    assert triples(by_oxigraph) == wanted


def test_every_rule_concludes_something_from_the_record() -> None:
    whole = read_record(ROOT)
    triples = held([*quads(whole.data), *quads(whole.ontology)])
    idle = [graph.name for graph in rule_graphs(whole, triples) if not graph.reasons]
    assert idle == []


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_tells_what_it_derives_from_what_and_why(rule: Path) -> None:
    comment, _, query = rule.read_text().partition("\nPREFIX")
    lines = comment.splitlines()
    assert all(line.startswith("#") and len(line) <= 100 for line in lines)
    assert lines[0].endswith(".") and lines[1] == "#"
    derived = set(
        re.findall(r"\?\w+ (?:a )?(\w+:\w+)", query.partition("CONSTRUCT")[2].partition("WHERE")[0])
    )
    assert derived and derived <= set(re.findall(r"\w+:\w+", comment))
    read = set(re.findall(r"[\s/](\w+:[a-z]\w*)", query.partition("WHERE")[2]))
    assert read - {"rdfs:subClassOf", "org:role"} <= set(re.findall(r"\w+:\w+", comment))
    assert len(" ".join(lines).split()) > 25


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_is_plain_enough_to_be_followed_backwards(rule: Path) -> None:
    query = rule.read_text().partition("WHERE")[2]
    # BIND may word a conclusion: it matches no triple, and what it words is matched before it.
    worded = re.sub(r"\n    BIND \(STRLANG\(.+\) AS \?name\)\n\}\n$", "\n}\n", query)
    assert re.findall(r"\b(OPTIONAL|UNION|MINUS|SERVICE|GRAPH|BIND|VALUES|SELECT)\b", worded) == []
    assert len(re.findall(r"NOT EXISTS", query)) <= 1
