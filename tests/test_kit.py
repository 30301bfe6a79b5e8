"""What other projects take from this one for their CI: it finds a fault, and passes what has none.

Each `run:` line of the action, each line of the GitLab job and the entry of the pre-commit hook is
run as they stand, on a project of its own with and without a fault.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import suites
import xmlschema
import yaml

from app import __version__
from app.record import beginning
from app.record.record import program_root, read_record

ROOT = Path(__file__).resolve().parent.parent
SHAPES = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

ex:Dataset a sh:NodeShape ;
    sh:targetClass dcat:Dataset ;
    sh:property ex:Dataset-title , ex:Dataset-theme .

ex:Dataset-title a sh:PropertyShape ;
    sh:path dct:title ;
    sh:minCount 1 ;
    sh:message "A dataset has a title."@en .

ex:Dataset-theme a sh:PropertyShape ;
    sh:path dcat:theme ;
    sh:minCount 1 ;
    sh:severity sh:Warning ;
    sh:message "A dataset has a theme, 100 %."@en .
"""
BROKEN = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .

<https://example.org/bees> a dcat:Dataset ;
    dcat:theme <https://example.org/nature> .
"""
TITLED = '    <http://purl.org/dc/terms/title> "Bees"@en ;\n    dcat:theme'
SOUND = BROKEN.replace("    dcat:theme", TITLED)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of what is committed or about to be, as CI takes it from elsewhere."""
    copy = tmp_path_factory.mktemp("source") / "dialogue"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and name.startswith(("app/", "ci/", "requirements", "action")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return copy


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose catalogue lacks a title, and which has an `app` of its own."""
    folder = tmp_path / "project"
    (folder / "app").mkdir(parents=True)
    (folder / "app/__init__.py").write_text("raise RuntimeError")
    (folder / "shapes.ttl").write_text(SHAPES)
    (folder / "data.ttl").write_text(BROKEN)
    return folder


def shell(script: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a script as a runner does; the packages installed here need no second installation."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, capture_output=True, text=True, timeout=300,
        env={
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
            "PYTHON": sys.executable, "PYTHONPATH": sysconfig.get_path("purelib"), **environment,
        },
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def action_steps() -> dict[str, dict[str, object]]:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return {step["name"]: step for step in action["runs"]["steps"] if "run" in step}


def with_inputs(step: dict[str, object], **inputs: str) -> dict[str, str]:
    """Return the environment of a step of the action: its inputs where it asks for them."""
    declared = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    values = {name: field["default"] for name, field in declared.items()} | inputs
    assert set(values) == set(declared)
    asked = step.get("env", {})
    assert isinstance(asked, dict)
    return {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: values[m[1]], text)
        for name, text in asked.items()
    }


@pytest.fixture(scope="module")
def runner(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a runner on which the action has installed the program."""
    runner = tmp_path_factory.mktemp("runner")
    environment = {"GITHUB_ACTION_PATH": str(source), "RUNNER_TEMP": str(runner)}
    code, printed = shell(str(action_steps()["Install"]["run"]), runner, **environment)
    assert code == 0, printed
    return environment


def act(project: Path, runner: dict[str, str], **inputs: str) -> tuple[int, str]:
    step = action_steps()["Check"]
    return shell(str(step["run"]), project, **runner, **with_inputs(step, **inputs))


RUN = "1 shape, 1 focus node and 4 constraints were run.\n"


def test_the_action_marks_the_line_at_fault(project: Path, runner: dict[str, str]) -> None:
    assert act(project, runner, paths="data.ttl", shapes="shapes.ttl\n") == (
        1,
        "::error file=data.ttl,line=3,col=1,title=ex%3ADataset-title::"
        "<https://example.org/bees>: A dataset has a title.\n"
        f"1 violation, 0 warnings, 0 remarks: {RUN}",
    )
    (project / "data.ttl").write_text(SOUND)
    assert act(project, runner, paths="data.ttl", shapes="shapes.ttl") == (
        0,
        f"Nothing found: {RUN}",
    )


def test_the_action_takes_several_paths_with_spaces_and_none(
    project: Path, runner: dict[str, str]
) -> None:
    (project / "two words.ttl").write_text(SOUND)
    (project / "-x.ttl").write_text(BROKEN.replace("bees", "wasps"))
    code, printed = act(project, runner, paths="two words.ttl\n-x.ttl\n", shapes="shapes.ttl")
    assert (code, printed.count("::error file=-x.ttl,")) == (1, 1)
    assert act(project, runner)[0] == 2
    (project / "dialogue.toml").write_text('paths = ["data.ttl"]\nshapes = ["shapes.ttl"]\n')
    assert act(project, runner)[0] == 1


def test_the_action_has_a_bar_and_a_baseline(project: Path, runner: dict[str, str]) -> None:
    inputs = {"paths": "data.ttl", "shapes": "shapes.ttl"}
    command = f"{runner['RUNNER_TEMP']}/dialogue/bin/dialogue check data.ttl --shapes shapes.ttl"
    code, _ = shell(f"{command} --format json > known.json", project)
    assert code == 1
    assert act(project, runner, **inputs, baseline="known.json")[0] == 0
    (project / "data.ttl").write_text(SOUND.replace("dcat:theme", "dcat:keyword"))
    assert act(project, runner, **inputs)[0] == 0
    assert act(project, runner, **inputs, severity="warning")[0] == 1
    assert act(project, runner, **inputs, baseline="known.json", severity="warning")[0] == 1


def test_an_input_is_no_shell(project: Path, runner: dict[str, str]) -> None:
    code, _ = act(project, runner, paths="$(touch got)\n`touch got`", shapes="shapes.ttl")
    assert (code, (project / "got").exists()) == (2, False)


def gitlab(project: Path, source: Path, arguments: str) -> tuple[int, str]:
    job = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text("utf-8"))["dialogue-check"]
    script = "\n".join([*job["before_script"], *job["script"]])
    given = {"DIALOGUE_REPOSITORY": str(source), "DIALOGUE_ARGUMENTS": arguments}
    return shell(script, project, **(job["variables"] | given))


def test_the_gitlab_job_writes_a_report_and_shows_the_line(project: Path, source: Path) -> None:
    code, printed = gitlab(project, source, "data.ttl --shapes shapes.ttl")
    assert (code, printed.split("\n")[0]) == (
        1,
        "data.ttl:3:1: violation: A dataset has a title.",
    )
    report = ElementTree.parse(project / "dialogue.xml").getroot()
    assert [(suite.get("tests"), suite.get("failures")) for suite in report] == [("1", "1")]


def test_the_gitlab_job_passes_what_is_sound(project: Path, source: Path) -> None:
    (project / "data.ttl").write_text(SOUND)
    assert gitlab(project, source, "data.ttl --shapes shapes.ttl") == (0, "")
    report = ElementTree.parse(project / "dialogue.xml").getroot()
    assert [(suite.get("tests"), suite.get("failures")) for suite in report] == [("1", "0")]


def test_the_hook_checks_the_files_that_it_is_given(project: Path, runner: dict[str, str]) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (project / "dialogue.toml").write_text('shapes = ["shapes.ttl"]\n')
    (project / "sound.ttl").write_text(SOUND)
    path = f"{runner['RUNNER_TEMP']}/dialogue/bin:{os.environ['PATH']}"
    assert shell(f"{hook['entry']} data.ttl", project, PATH=path)[0] == 1
    assert shell(f"{hook['entry']} sound.ttl", project, PATH=path)[0] == 0
    wanted = re.compile(hook["files"])
    assert [n for n in ("a.ttl", "b/c.jsonld", "d.nt.gz", "e.py", "ttl") if wanted.search(n)] == [
        "a.ttl",
        "b/c.jsonld",
        "d.nt.gz",
    ]


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", "action.yml"),
        ("gitlab-ci", "ci/gitlab.yml"),
        ("github-workflows", ".github/workflows/bench.yml"),
        ("github-workflows", ".github/workflows/campaign.yml"),
        ("github-workflows", ".github/workflows/check.yml"),
    ],
)
def test_each_file_keeps_the_schema_of_its_host(tmp_path: Path, schema: str, file: str) -> None:
    def checked(path: Path) -> int:
        program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
        return subprocess.run([*program, path], capture_output=True, timeout=60).returncode

    assert checked(ROOT / file) == 0
    wrong = re.sub(r"^(runs|  image|jobs):", r"\1-of-old:", (ROOT / file).read_text(), flags=re.M)
    (tmp_path / "wrong.yml").write_text(wrong)
    assert checked(tmp_path / "wrong.yml") == 1


def report(project: Path, form: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "app.cli", "check", "data.ttl", "--shapes", "shapes.ttl",
         "--format", form, "--severity", "warning"],
        cwd=project, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode in (0, 1, 2), done.stderr
    return done.stdout


STATES = {
    "broken": (SHAPES, BROKEN),
    "sound": (SHAPES, SOUND),
    "warned": (SHAPES, SOUND.replace("dcat:theme", "dcat:keyword")),
    "odd": (SHAPES, BROKEN.replace("/bees", "/a%20b?c=<d>&e".replace("<d>", "d"))),
    "faulty": (SHAPES.replace("sh:minCount 1", "sh:minCount 1 ; sh:shape ex:No", 1), BROKEN),
}


@pytest.mark.parametrize("state", STATES)
def test_our_reports_keep_their_schemas_whole(project: Path, state: str) -> None:
    schemas = suites.folder() / "schemas"
    if reason := suites.schemas_missing():
        pytest.skip(reason)
    (project / "shapes.ttl").write_text(STATES[state][0])
    (project / "data.ttl").write_text(STATES[state][1])
    sarif = json.loads((schemas / "sarif-schema-2.1.0.json").read_text("utf-8"))
    kind = jsonschema.validators.validator_for(sarif)
    checker = kind(sarif, format_checker=kind.FORMAT_CHECKER)
    log = json.loads(report(project, "sarif"))
    assert [error.message for error in checker.iter_errors(log)] == []
    log["runs"][0]["results"] = [{"level": "grave"}]
    assert [*checker.iter_errors(log)] != []
    junit = xmlschema.XMLSchema(schemas / "JUnit.xsd")
    text = report(project, "junit")
    assert [str(error.reason) for error in junit.iter_errors(text)] == []
    assert [*junit.iter_errors(text.replace(' time="0"', "", 1))] != []


def test_the_workflow_of_a_new_record_takes_the_version_that_wrote_it(
    tmp_path: Path,
) -> None:
    runner_temp = tmp_path / "runner"
    runner_temp.mkdir()
    program = tmp_path / "program"
    install = program / "ci/install"
    install.parent.mkdir(parents=True)
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for state, commands in (
        ("the version", (["init", "-q", "-b", "main"], ["tag", f"v{__version__}"])),
        ("a later state", ()),
    ):
        install.write_text(f'mkdir -p "$1/bin"\necho "{state}" > "$1/bin/installed"\n')
        first, last = commands[:1], commands[1:]
        for command in (*first, ["add", "-A"], [*who, "commit", "-qm", state], *last):
            subprocess.run(["git", *command], cwd=program, check=True)
    begun = beginning.beginning("https://example.org/mine/", "en", "Mine", "Me")
    beginning.write(tmp_path / "mine", begun, read_record(program_root()), date(2026, 11, 24))
    written = (tmp_path / "mine/.github/workflows/check.yml").read_text("utf-8")
    job = yaml.safe_load(written)["jobs"]["record"]
    [step] = [step for step in job["steps"] if step.get("name") == "Install the program"]
    environment = {
        "DIALOGUE_REPOSITORY": str(program),
        "DIALOGUE_REVISION": job["env"]["DIALOGUE_REVISION"],
        "RUNNER_TEMP": str(runner_temp),
        "GITHUB_PATH": str(runner_temp / "path"),
    }
    code, printed = shell(step["run"], tmp_path, **environment)
    assert code == 0, printed
    assert (runner_temp / "installed/bin/installed").read_text() == "the version\n"
    example = ROOT / "examples/visegrad/.github/workflows/check.yml"
    assert example.read_text("utf-8") == written


def test_what_others_copy_from_the_page_names_a_version() -> None:
    page = (ROOT / "docs/validate-your-rdf.md").read_text("utf-8")
    named = re.findall(r"(?:OWNER/dialogue@|rev: |ref: |DIALOGUE_REVISION: )(\S+)", page)
    assert named == [f"v{__version__}"] * 4
