"""`dialogue check` on a catalogue of one's own, as somebody uses it who has never seen it."""

import gzip
import json
from pathlib import Path

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from small import lay

from app.namespaces import DSH

from .test_main import dialogue

SHAPES = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:Dataset a sh:NodeShape ;
    sh:targetClass dcat:Dataset ;
    sh:property ex:Dataset-title , ex:Dataset-issued .

ex:Dataset-title a sh:PropertyShape ;
    sh:path dct:title ;
    sh:minCount 1 ;
    sh:message "A dataset has a title."@en , "Un jeu de données a un titre."@fr .

ex:Dataset-issued a sh:PropertyShape ;
    sh:path dct:issued ;
    sh:datatype xsd:date ;
    sh:severity sh:Warning .
"""
DATA = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/bees> a dcat:Dataset ;
    dct:title "Bees"@en ;
    dct:issued "2026-02-30"^^xsd:date .

<https://example.org/wasps> a dcat:Dataset ;
    dct:issued "2026-02-28"^^xsd:date .
"""
RUN = "1 shape, 2 focus nodes and 4 constraints were run.\n"
TITLE = f"""\
data.ttl:9:1: violation: A dataset has a title.
     9 | <https://example.org/wasps> a dcat:Dataset ;
       | ^
    shape: ex:Dataset-title
    focus: <https://example.org/wasps>
    path: dct:title

1 violation, 0 warnings, 0 remarks: {RUN}"""
MENDED = DATA.replace('"2026-02-30"', '"2026-02-20"')
SOUND = MENDED.replace(
    "wasps> a dcat:Dataset ;", 'wasps> a dcat:Dataset ;\n    dct:title "Wasps" ;'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with shapes, data that break two of their rules, and data that break none."""
    (tmp_path / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(DATA, encoding="utf-8")
    (tmp_path / "sound.ttl").write_text(SOUND, encoding="utf-8")
    return tmp_path


def check(folder: Path, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    return dialogue("check", *arguments, "--shapes", "shapes.ttl", cwd=folder, stdin=stdin)


def test_a_finding_shows_its_line_and_what_was_run(folder: Path) -> None:
    (folder / "data.ttl").write_text(MENDED, encoding="utf-8")
    assert check(folder, "data.ttl") == (1, TITLE, "")
    assert check(folder, "sound.ttl") == (0, f"Nothing found: {RUN}", "")


def test_the_bar_is_where_severity_puts_it(folder: Path) -> None:
    text = SOUND.replace('"2026-02-20"', '"2026-02-30"')
    (folder / "data.ttl").write_text(text, encoding="utf-8")
    assert check(folder, "data.ttl")[0] == 0
    assert check(folder, "data.ttl", "--severity", "warning")[0] == 1
    assert check(folder, "sound.ttl", "--severity", "info")[0] == 0


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--context", "ctx.jsonld", "Invalid value for --context: write IRI=FILE"),
        ("--graph", "not an iri", "Invalid value for --graph: not an iri is no IRI"),
        ("--as-of", "2026-02-30", "Invalid value for --as-of: write a day as YYYY-MM-DD"),
        ("--max", "-1", "-1 is not in the range x>=0"),
        ("--format", "yaml", "'yaml' is not one of 'text', 'json', 'sarif'"),
        ("--with", "gone.ttl", "dialogue: gone.ttl: no such file or folder"),
        ("--baseline", "gone.json", "dialogue: gone.json: no such file; write it first"),
        ("--baseline", "data.ttl", "dialogue: data.ttl: no report that dialogue check"),
    ],
)
def test_an_option_that_is_wrong_is_named_and_nothing_is_run(
    folder: Path, option: str, value: str, message: str
) -> None:
    code, out, err = check(folder, "data.ttl", option, value)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--with", "../data.ttl"),
        ("--graph", "https://example.org/g"),
        ("--input-format", "turtle"),
        ("--context", "https://example.org/c=../data.ttl"),
    ],
)
def test_what_a_record_cannot_be_checked_with_is_named(
    folder: Path, option: str, value: str
) -> None:
    mine = lay(folder / "mine")
    message = "for RDF that is checked against shapes; a record is checked whole"
    refused = (2, "", f"dialogue: {option}: {message}\n")
    for arguments in (("check",), ("check", "data"), ("check", ".", "--shapes", "shapes")):
        assert dialogue(*arguments, option, value, cwd=mine) == refused


def test_who_has_forgotten_the_shapes_is_told_of_those(folder: Path) -> None:
    message = "belongs to no record; say what to check it against with --shapes"
    refused = (2, "", f"dialogue: data.ttl: {message}\n")
    assert dialogue("check", "data.ttl", "--with", "sound.ttl", cwd=folder) == refused


def test_a_graph_is_taken_alone_and_one_that_is_not_there_is_refused(folder: Path) -> None:
    (folder / "g.trig").write_text(
        "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        "<https://example.org/g1> { <https://example.org/a> a dcat:Dataset . }\n"
        "<https://example.org/g2> { <https://example.org/b> a dcat:Dataset . }\n"
    )
    code, out, _ = check(folder, "g.trig")
    assert (code, out.count("violation:")) == (1, 2)
    assert "The default graph and 2 named graphs were read as one" in out
    code, out, _ = check(folder, "g.trig", "--graph", "https://example.org/g1")
    assert (code, out.count("violation:"), "read as one" in out) == (1, 1, False)
    assert check(folder, "g.trig", "--graph", "https://example.org/g9") == (
        2,
        "",
        "dialogue: g.trig: nothing is stated in <https://example.org/g9>: nothing was checked; "
        "there is <https://example.org/g1>, <https://example.org/g2>\n",
    )


def test_a_target_that_nothing_is_is_remarked(folder: Path) -> None:
    code, out, _ = check(folder, "shapes.ttl")
    assert (code, out.splitlines()[0]) == (
        0,
        "shapes.ttl:7:1: info: The shape checks nothing by this target: nothing in the data is of "
        "the class dcat:Dataset.",
    )
    assert "checks nothing" not in check(folder, "sound.ttl")[1]


def test_where_nothing_is_run_a_report_conforms_and_the_exit_does_not(folder: Path) -> None:
    (folder / "shapes.ttl").write_text(SHAPES + "ex:Dataset sh:deactivated true .\n")
    sentence = "every shape with a target is deactivated: nothing was checked"
    error = f"dialogue: shapes.ttl: {sentence}\n"
    code, out, err = check(folder, "data.ttl", "--format", "rdf")
    assert (code, "sh:conforms true" in out, err) == (2, True, error)
    assert check(folder, "data.ttl", "--format", "json") == (2, "", error)


def reported(text: str) -> tuple[bool, list[tuple[str, ...]]]:
    """Return whether a report of SHACL conforms, and of each result what findings have too."""
    graph = Graph().parse(data=text, format="turtle")
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    (conforms,) = graph.objects(report, SH.conforms)
    results = []
    for result in graph.objects(report, SH.result):
        assert (result, RDF.type, SH.ValidationResult) in graph
        # What a result has exactly one of: SHACL, section 3.6.2.
        (focus,) = graph.objects(result, SH.focusNode)
        (severity,) = graph.objects(result, SH.resultSeverity)
        (component,) = graph.objects(result, SH.sourceConstraintComponent)
        (shape,) = graph.objects(result, SH.sourceShape)
        assert isinstance(component, URIRef)
        path, value = graph.value(result, SH.resultPath), graph.value(result, SH.value)
        path = Literal("of several steps") if isinstance(path, BNode) else path
        languages = [message.language for message in graph.objects(result, SH.resultMessage)]
        assert len(set(languages)) == len(languages) > 0
        row = (focus, severity, shape, path, value)
        results.append(tuple("" if term is None else term.n3() for term in row))
    return bool(conforms), sorted(results)


def found(text: str) -> list[tuple[str, ...]]:
    """Return of each finding of a JSON report what results of SHACL have too."""

    def written(term: str | None) -> str:
        return "" if term is None else term if term.startswith('"') else f"<{term}>"

    rows = []
    for one in json.loads(text)["findings"]:
        severity, path = str(SH[one["severity"].title()]), one["path"]
        path = '"of several steps"' if path and "<" in path else path
        row = (one["focus"], severity, one["shape"], path, one["value"])
        rows.append(tuple(map(written, row)))
    return sorted(rows)


def test_the_report_of_shacl_says_what_the_others_say(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    begin = ("init", root, "--base", "https://e.org/", "--languages", "en")
    assert dialogue(*begin, cwd=tmp_path)[0] == 0

    def both(*arguments: str) -> tuple[int, bool, list[tuple[str, ...]]]:
        code, text, _ = dialogue("check", *arguments, "--format", "rdf", cwd=root)
        conforms, results = reported(text)
        other, findings, _ = dialogue("check", *arguments, "--format", "json", cwd=root)
        assert (code, results) == (other, found(findings))
        return code, conforms, results

    # Warnings alone: nothing fails, and SHACL does not call it conforming.
    code, conforms, before = both()
    assert (code, conforms, len(before) > 0) == (0, False, True)
    city = root / "data/places/example-city.trig"
    city.write_text(city.read_text().replace("    a dlg:City", "     a dlg:City"))
    code, conforms, after = both()
    (untidy,) = [row for row in after if row not in before]
    assert (code, conforms, untidy) == (
        1,
        False,
        (f"<{city.as_uri()}>", SH.Violation.n3(), f"<{DSH}File-text>", "", ""),
    )
    assert both("data/places/example-city.trig") == (1, False, [untidy])
    assert both("data/publishers") == (0, True, [])
    known = dialogue("check", "--format", "json", cwd=root)[1]
    (root / "known.json").write_text(known)
    assert both("--baseline", "known.json") == (0, True, [])


def test_a_remark_about_shapes_is_no_result_of_shacl(folder: Path) -> None:
    code, text, _ = check(folder, "shapes.ttl", "--format", "rdf")
    assert (code, reported(text)) == (0, (True, []))
    assert len(found(check(folder, "shapes.ttl", "--format", "json")[1])) == 1


def test_standard_input_and_compressed_files_are_read(folder: Path) -> None:
    expected = check(folder, "data.ttl", "--format", "json")[1]
    code, out, _ = check(folder, "-", "--input-format", "turtle", "--format", "json", stdin=DATA)
    assert (code, out) == (1, expected.replace("data.ttl", "-"))
    (folder / "data.ttl.gz").write_bytes(gzip.compress(DATA.encode()))
    code, out, _ = check(folder, "data.ttl.gz", "--format", "json")
    assert (code, out) == (1, expected.replace("data.ttl", "data.ttl.gz"))


def test_a_quoted_pattern_means_the_files_that_are_called_like_it(folder: Path) -> None:
    assert check(folder, "so*.ttl") == (0, f"Nothing found: {RUN}", "")
    assert check(folder, "no*.ttl") == (2, "", "dialogue: no*.ttl: no file is called like this\n")
    assert check(folder, "**/so*.ttl") == (0, f"Nothing found: {RUN}", "")
    for pattern in ("**.ttl", f"{folder}/so**.ttl"):
        message = "** stands for folders, and alone between strokes: write **/*.ttl"
        assert check(folder, pattern) == (2, "", f"dialogue: {pattern}: {message}\n")


def test_max_says_how_many_are_not_shown_and_still_fails(folder: Path) -> None:
    code, out, _ = check(folder, "data.ttl", "--max", "1")
    assert (code, out.count("    shape: "), "1 more is not shown (--max)." in out) == (1, 1, True)
    assert "not shown" not in check(folder, "data.ttl", "--max", "2")[1]


def test_a_message_is_in_the_language_of_its_reader(folder: Path) -> None:
    assert "Un jeu de données a un titre." in check(folder, "data.ttl", "--language", "fr")[1]
    assert "A dataset has a title." in check(folder, "data.ttl", "--language", "it")[1]


@pytest.mark.parametrize(
    ("locale", "french"),
    [
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "fr_CA.UTF-8"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "fr@euro", "LANG": "it_IT"}, True),
        ({"LC_ALL": "fr", "LC_MESSAGES": "it_IT", "LANG": "C"}, True),
        ({"LC_ALL": "C.UTF-8", "LC_MESSAGES": "fr_FR", "LANG": "fr_FR"}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "POSIX", "LANG": "fr_FR"}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}, False),
    ],
)
def test_by_itself_it_is_that_of_the_locale(
    folder: Path, locale: dict[str, str], french: bool
) -> None:
    arguments = ("check", "data.ttl", "--shapes", "shapes.ttl")
    _, out, _ = dialogue(*arguments, cwd=folder, environment=locale)
    assert ("Un jeu de données a un titre." in out, "A dataset has a title." in out) == (
        french,
        not french,
    )
    _, out, _ = dialogue(*arguments, "--language", "en", cwd=folder, environment=locale)
    assert "A dataset has a title." in out


def test_what_is_joined_is_not_validated_itself(folder: Path) -> None:
    (folder / "series.ttl").write_text(
        "<https://example.org/s> a <http://www.w3.org/ns/dcat#DatasetSeries> ."
    )
    (folder / "dcat.ttl").write_text(
        "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "dcat:DatasetSeries rdfs:subClassOf dcat:Dataset .\n"
        "<https://example.org/other> a dcat:Dataset .\n"
    )
    assert check(folder, "series.ttl")[0] == 0
    code, out, _ = check(folder, "series.ttl", "--with", "dcat.ttl")
    assert (code, out.count("violation:")) == (1, 1)
    assert "focus: <https://example.org/s>\n" in out


def test_a_remote_context_is_not_fetched_and_can_be_a_file(folder: Path) -> None:
    iri = "https://example.org/context.jsonld"
    document = {"@context": iri, "@id": "https://example.org/a", "@type": "Dataset"}
    (folder / "a.jsonld").write_text(json.dumps(document))
    context = {"@context": {"Dataset": "http://www.w3.org/ns/dcat#Dataset"}}
    (folder / "context.jsonld").write_text(json.dumps(context))
    code, out, err = check(folder, "a.jsonld")
    assert (code, out) == (2, "")
    assert err.startswith(f"dialogue: a.jsonld:1:14: the context {iri} is not fetched: ")
    code, out, _ = check(folder, "a.jsonld", "--context", f"{iri}=context.jsonld")
    assert (code, out.count("violation:")) == (1, 1)


def test_a_rule_of_any_shapes_is_explained(folder: Path) -> None:
    assert check(folder, "--explain", "ex:Dataset-title") == (
        0,
        "ex:Dataset-title\n\nA dataset has a title.\n\n"
        "Written at shapes.ttl:11:1:\n    sh:path dct:title\n    sh:minCount 1\n",
        "",
    )
    message = "no shape has this name; did you mean ex:Dataset-title?"
    assert check(folder, "--explain", "ex:Dataset-titel") == (
        2,
        "",
        f"dialogue: ex:Dataset-titel: {message}\n",
    )


def test_a_deadline_ends_a_check_and_a_long_one_does_not(folder: Path) -> None:
    ended = "dialogue: stopped after 0.001 seconds (--seconds)\n"
    assert check(folder, "data.ttl", "--seconds", "0.001") == (2, "", ended)
    assert check(folder, "sound.ttl", "--seconds", "50")[0] == 0


def test_without_a_record_there_is_nothing_to_check(folder: Path) -> None:
    message = "there is no record here: name one with --record, or begin one: dialogue init"
    assert dialogue("check", cwd=folder) == (2, "", f"dialogue: {message}\n")
    lay(folder)
    here = dialogue("check", cwd=folder)
    assert here[1].startswith("data/conferences/one.trig:")
    below = dialogue("check", cwd=folder / "data")
    assert below[1].startswith("conferences/one.trig:")
    assert (below[0], below[1].splitlines()[-1]) == (here[0], here[1].splitlines()[-1])
