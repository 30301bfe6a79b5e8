"""`docs/operate.md` and `deploy/`: the tables are those of the program, the files can be used."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import pytest
import yaml
from container import CONTAINER, Step, command, labels, parse, perform, stages
from programs import program
from prometheus_client.parser import text_string_to_metric_families
from proxies import free_port
from pydantic import ByteSize
from shop import alive, lay, serve, web

from app import __version__
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/operate.md").read_text("utf-8")
UNIT = ROOT / "deploy/dialogue.service"
DEFAULTS = {"DIALOGUE_WORKERS": "cores + 1"}


def section(title: str) -> str:
    """Return a section of the page."""
    return PAGE[PAGE.index(f"\n## {title}\n") :].partition("\n## ")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table, but for its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def written(name: str, value: object) -> str:
    """Return how the page writes a default."""
    if name in DEFAULTS and Settings.model_fields[name[9:].lower()].default_factory:
        return DEFAULTS[name]
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return f"`{', '.join(str(part).removesuffix('/128') for part in value)}`"
    if isinstance(value, ByteSize):
        for unit, size in (("KB", 1000), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
            if value % size == 0:
                return f"`{value // size} {unit}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def test_every_setting_is_listed_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DIALOGUE_"):
            monkeypatch.delenv(name)
    settings = Settings()
    names = Settings.model_fields
    defaults = {f"DIALOGUE_{name.upper()}": getattr(settings, name) for name in names}
    listed = {row[0].strip("`"): row[1] for row in rows(section("Settings"))}
    assert listed == {name: written(name, value) for name, value in defaults.items()}


def test_every_figure_is_listed_and_every_figure_that_is_listed_exists(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release")) as shop:
        text = web.get(f"{shop.url}metrics").text
    shown = set()
    for family in text_string_to_metric_families(text):
        total = "_total" if family.type == "counter" else ""
        shown.add(family.name + total)
    table = "\n".join(row[0] for row in rows(section("Watch")))
    listed = set(re.findall(r"`((?:dialogue|process)_\w+)`", table))
    assert listed <= shown
    assert {name for name in shown - listed if name.startswith("dialogue_")} == set()
    asked = set(re.findall(r"\b((?:dialogue|process)_\w+)", section("Watch")))
    assert {name.removesuffix("_bucket") for name in asked} <= shown


def test_the_line_of_the_log_that_is_shown_is_one_of_ours(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```json\n(.*)\n```", PAGE)
    with serve(lay(tmp_path / "release")) as shop:
        shop.ask("ASK {}")
        for _ in range(400):
            lines = [json.loads(line) for line in shop.log.read_text("ascii").splitlines()]
            ours = [line for line in lines if line.get("path") == "/sparql"]
            if ours:
                break
            time.sleep(0.01)
    example = json.loads(shown)
    assert example.keys() == ours[0].keys()
    same = ("logger", "message", "query", "query_length", "bytes", "outcome")
    assert {name: example[name] for name in same} == {name: ours[0][name] for name in same}


def test_the_files_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"`(deploy/[\w.]+)`", PAGE))
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "deploy").iterdir()}
    assert named | {"deploy/dialogue.service"} == there


ALERTS = ROOT / "deploy/alerts.yml"


def test_alerts_ask_for_figures_that_there_are(tmp_path: Path) -> None:
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 3
    asked = {name for rule in rules for name in re.findall(r"\bdialogue_\w+", rule["expr"])}
    assert asked
    with serve(lay(tmp_path / "release")) as shop:
        text = web.get(f"{shop.url}metrics").text
    assert [name for name in sorted(asked) if not re.search(rf"^{name}\b", text, re.M)] == []


# A minute for each figure: what is shown to Prometheus, and which alert it must give after so long.
STORIES = {
    "DialogueDown": ("up{job='dialogue'}", "0x20"),
    "DialogueNotSealed": ("dialogue_sealed", "0x20"),
    "DialogueMistake": ("dialogue_requests_total{area='sparql', status='500'}", "0x16 1x20"),
    "DialogueOverloaded": ("dialogue_queries_total{outcome='busy'}", "0+10x40"),
    "DialogueLogBlocked": ("dialogue_log_lines_dropped_total", "0+3x20"),
}
QUIET = {
    "up{job='dialogue'}": "1x40",
    "dialogue_sealed": "1x40",
    "dialogue_requests_total{area='sparql', status='500'}": "4x40",
    "dialogue_queries_total{outcome='busy'}": "0+1x40",
    "dialogue_queries_total{outcome='ok'}": "0+100x40",
    "dialogue_log_lines_dropped_total": "7x40",
}


@pytest.mark.parametrize("alert", [None, *STORIES])
def test_an_alert_is_given_when_it_should_and_no_other_is(
    tmp_path: Path, alert: str | None
) -> None:
    assert set(STORIES) == set(re.findall(r"alert: (\w+)", ALERTS.read_text("utf-8")))
    series = dict(QUIET)
    if alert:
        name, values = STORIES[alert]
        series[name] = values
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    labels = {"job": "dialogue"} if alert == "DialogueDown" else {}
    expected = [
        {"exp_labels": labels, "exp_annotations": rule["annotations"]}
        for rule in rules
        if rule["alert"] == alert
    ]
    story = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": n, "values": v} for n, v in series.items()],
                "alert_rule_test": [
                    {
                        "eval_time": "20m",
                        "alertname": name,
                        "exp_alerts": expected if name == alert else [],
                    }
                    for name in STORIES
                ],
            }
        ],
    }
    file = tmp_path / "story.yml"
    file.write_text(yaml.safe_dump(story), encoding="utf-8")
    done = subprocess.run(
        [program("promtool"), "test", "rules", str(file)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


PROGRAMS = "nginx", "promtool", "apache2", "rapper", "caddy", "hadolint"


def test_where_nothing_can_be_fetched_it_is_told_and_the_tests_are_skipped(tmp_path: Path) -> None:
    script, tools = tmp_path / "ci/servers", tmp_path / "tools"
    script.parent.mkdir()
    shutil.copy2(ROOT / "ci/servers", script)
    tools.mkdir()
    for name in ("bash", "cat", "dirname", "id", "mkdir", "mktemp", "rm"):
        (tools / name).symlink_to(str(shutil.which(name)))
    for name in ("python3", "timeout"):
        (tools / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    done = subprocess.run(
        [str(script)], capture_output=True, text=True, timeout=60, env={"PATH": str(tools)}
    )
    words = "cannot be had here; its tests are skipped."
    absent = [f"{name} {words}" for name in PROGRAMS]
    # A machine may have one of them all the same.
    assert set(done.stderr.splitlines()) <= set(absent)
    assert f"caddy {words}" in done.stderr
    assert done.returncode == 1
    assert not any((tmp_path / ".servers").iterdir())


def started(unit: str) -> list[str]:
    """Return the command that a unit starts."""
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.M)
    return shlex.split(command)


def test_systemd_has_nothing_against_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here")
    text = UNIT.read_text("utf-8")
    program = started(text)[0]
    unit = tmp_path / UNIT.name
    # The program is not installed where the unit will find it.
    unit.write_text(text.replace(program, sys.executable), encoding="utf-8")
    command = [analyze, "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, ours) == (0, [])
    unit.write_text(text.replace("KillMode=mixed", "KillMode=gently"), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "gently" in done.stderr, "a wrong unit passes as well"


def test_what_the_unit_starts_serves_and_ends_when_it_is_told(tmp_path: Path) -> None:
    release, port = lay(tmp_path / "release"), free_port()
    program, *arguments = started(UNIT.read_text("utf-8"))
    assert program.endswith("/bin/dialogue")
    assert (arguments[0], arguments[-1]) == ("serve", "/srv/dialogue")
    arguments = [str(port) if part == "8000" else part for part in arguments[:-1]]
    environment = dict(re.findall(r"^Environment=(\w+)=(.*)$", UNIT.read_text("utf-8"), re.M))
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    command = [sys.executable, "-m", "app.cli", *arguments, str(release)]
    serving({**os.environ, "PYTHONPATH": str(ROOT), **environment}, command, ROOT, port)


def serving(environment: dict[str, str], command: list[str], folder: Path, port: int) -> None:
    """Start a server, ask it whether it is ready, and end it."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        for _ in range(1200):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            try:
                if httpx.get(f"http://127.0.0.1:{port}/ready").json()["status"] == "ready":
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        else:
            raise AssertionError("the server was never ready")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=45)
    finally:
        if alive(process.pid):
            process.kill()
            process.wait()
    assert process.returncode in (0, -signal.SIGTERM)
    # The log is JSON; what the command itself tells at its start is for people.
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith(b"{")]
    assert {line["level"] for line in lines} == {"info"}
    assert b"Traceback" not in errors


def test_the_container_is_built_from_what_is_here_and_runs_as_nobody_in_particular() -> None:
    build, run = stages(parse(CONTAINER.read_text("utf-8")))
    assert build[0].text.endswith(" AS build")
    for step in (*build, *run):
        if step.name == "COPY" and "--from=build" not in step.text:
            sources = shlex.split(step.text)[:-1]
            assert all((ROOT / source).exists() for source in sources), step
    assert "--require-hashes" in " ".join(s.text for s in build if s.name == "RUN")
    last = {step.name: step.text for step in run}
    assert last["USER"] == "10001"
    for name in ("CMD", "HEALTHCHECK"):
        words = json.loads(last[name][last[name].index("[") :])
        assert words[0] == ".venv/bin/python"
    (workdir,) = {step.text for step in (*build, *run) if step.name == "WORKDIR"}
    assert workdir == "/srv"


def test_the_image_says_what_it_is() -> None:
    _, run = stages(parse(CONTAINER.read_text("utf-8")))
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    assert labels(run) == {
        "org.opencontainers.image.title": "Dialogue",
        "org.opencontainers.image.description": project["description"],
        "org.opencontainers.image.vendor": project["authors"][0]["name"],
        "org.opencontainers.image.licenses": project["license"],
        "org.opencontainers.image.version": __version__,
        "org.opencontainers.image.revision": "${REVISION}",
    }


def test_both_stages_stand_on_the_python_of_the_argument_and_nothing_else_names_one() -> None:
    text = CONTAINER.read_text("utf-8")
    build, run = stages(parse(text.replace("ARG PYTHON=python:3.13-slim", "ARG PYTHON=another:1")))
    assert (build[0].text, run[0].text) == ("another:1 AS build", "another:1")
    steps = [step.text for step in (*build, *run)]
    assert [step for step in steps if re.search(r"python-?\d|site-packages", step)] == []
    # The program goes from one stage to the other as a package, which pip lays where it belongs.
    assert "--from=build /srv/wheel wheel" in steps
    assert sum("wheel/*.whl" in step for step in steps) == 2


def test_the_linter_of_container_files_has_nothing_against_it() -> None:
    linter = program("hadolint")

    def objections(text: str) -> list[str]:
        done = subprocess.run(
            [linter, "--no-color", "-"], input=text, capture_output=True, text=True, timeout=60
        )
        assert done.stderr == ""
        return re.findall(r"\b(?:DL|SC)\d+\b", done.stdout)

    text = CONTAINER.read_text("utf-8")
    assert objections(text) == []
    assert "DL3002" in objections(text.replace("USER 10001", "USER root"))


@pytest.mark.skipif(
    "DIALOGUE_DRAWS" not in os.environ, reason="fetches every package again: make campaign does it"
)
def test_the_steps_of_the_container_make_a_server(tmp_path: Path) -> None:
    folder, port = perform(tmp_path / "image"), free_port()
    words = [*command(), "--port", str(port)]
    environment = {"PATH": os.environ["PATH"], "DIALOGUE_LOG": "json"}
    serving(environment, [str(folder / words[0]), *words[1:]], folder, port)


def test_a_container_file_that_is_none_is_seen() -> None:
    assert parse("FROM a AS b\n# c\nRUN x \\\n    && y\n") == [
        Step("FROM", "a AS b"),
        Step("RUN", "x && y"),
    ]
    with pytest.raises(ValueError, match="RUNS"):
        parse("FROM a\nRUNS x\n")
    for text in ("RUN x\n", "ARG a=1\n", "ARG a=1\nRUN x\nFROM a\n"):
        with pytest.raises(ValueError, match="FROM"):
            stages(parse(text))
    assert stages(parse('ARG A="b:1"\nFROM ${A} AS c\nFROM d\nLABEL e="f g" h=i\n')) == [
        [Step("FROM", "b:1 AS c")],
        [Step("FROM", "d"), Step("LABEL", 'e="f g" h=i')],
    ]
    assert labels([Step("LABEL", 'e="f g" h=i'), Step("RUN", "j=k")]) == {"e": "f g", "h": "i"}


def test_the_services_of_the_container_are_those_that_are_documented() -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))
    service = compose["services"]["dialogue"]
    assert (ROOT / "deploy" / service["build"]).resolve() == ROOT
    known = {f"DIALOGUE_{name.upper()}" for name in Settings.model_fields}
    assert set(service["environment"]) <= known
    fields = {name[9:].lower(): value for name, value in service["environment"].items()}
    Settings(**fields)
    assert service["read_only"] and service["init"] and service["cap_drop"] == ["ALL"]
    # What runs is let finish before it is killed, here as in the unit.
    assert service["stop_grace_period"] == "45s"
    assert "TimeoutStopSec=45" in UNIT.read_text("utf-8")
