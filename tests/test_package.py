"""The package as its users have it: built, installed elsewhere without a network, and used."""

import hashlib
import json
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

import installed
import pytest
from installed import RUN, Environment

from app import __version__
from app.release.distributions import WRITERS

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://example.org/mine/"


@dataclass(frozen=True)
class User:
    """Somebody who has installed the package, and their own record with its release."""

    environment: Environment
    record: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return installed.build(tmp_path_factory.mktemp("dist"), "wheel", "sdist")


@pytest.fixture(scope="module")
def plain(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What `pip install dialogue-graph` gives where the lock's packages are there already."""
    names = [pin.name for pin in installed.pins(RUN) if pin.applies()]
    environment = installed.environment(tmp_path_factory.mktemp("plain"), names)
    # Without `--no-deps`: what the package asks for and the lock has not would fail here.
    assert environment.install(str(built["wheel"])) == (0, "")
    return environment


@pytest.fixture(scope="module")
def user(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> User:
    """What `pip install dialogue-graph[tables] pandas` gives, and a record of the user's own."""
    names = [pin.name for pin in installed.pins(RUN) if pin.applies()]
    names += [*installed.needed(["pyarrow", "pandas"]).difference(names)]
    environment = installed.environment(tmp_path_factory.mktemp("user"), names)
    assert environment.install(f"{built['wheel']}[tables]") == (0, "")
    code, _, error = environment.run(
        "dialogue", "init", "mine", "--base", BASE, "--languages", "en,fr"
    )
    assert (code, error) == (0, "")
    record = environment.home / "mine"
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "A record"]):
        subprocess.run(["git", *words], cwd=record, check=True)
    return User(environment, record)


def test_an_environment_has_what_the_lock_names_and_nothing_of_ours(plain: Environment) -> None:
    script = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
    code, output, _ = plain.run("python", "-c", script)
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in output.split()}
    assert code == 0
    assert names == {pin.name for pin in installed.pins(RUN) if pin.applies()} | {"dialogue-graph"}
    _, where, _ = plain.run("python", "-c", "import app; print(app.__file__)")
    assert Path(where.strip()).is_relative_to(plain.folder)


def test_the_command_tells_its_version(plain: Environment) -> None:
    assert plain.run("dialogue", "--version") == (0, f"dialogue, version {__version__}\n", "")


def test_what_the_extra_brings_is_not_there_without_it(
    plain: Environment, built: dict[str, Path], tmp_path: Path
) -> None:
    code, error = plain.install(f"{built['wheel']}[tables]")
    assert code == 1
    assert "No matching distribution found for pyarrow" in error
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> 1 .\n")
    command = ("dialogue", "build", "--formats", "parquet", "--out", "out", "a.ttl")
    code, output, error = plain.run(*command, cwd=tmp_path)
    assert (code, output) == (2, "")
    assert error == "dialogue: parquet: not installed: pip install dialogue-graph[tables]\n"


def test_the_record_that_comes_along_keeps_its_rules(plain: Environment) -> None:
    script = "from app.record.record import program_root; print(program_root())"
    _, where, _ = plain.run("python", "-c", script)
    bundled = Path(where.strip())
    assert bundled.is_relative_to(plain.folder)
    code, output, error = plain.run("dialogue", "check", "--record", bundled)
    assert (code, error) == (0, "")
    assert re.search(r"^0 violations, \d+ warnings?, ", output.splitlines()[-1])


def test_where_no_record_is_the_one_that_comes_along_is_asked_and_served(
    plain: Environment,
) -> None:
    counted = "SELECT (COUNT(*) > 100 AS ?many) { ?c a dlg:Conference }"
    code, output, error = plain.run("dialogue", "query", "--format", "csv", counted)
    assert (code, output) == (0, "many\ntrue\n"), error
    with served(plain) as address:
        request = urllib.request.Request(
            f"{address}id/conference/cimo-16", headers={"Accept": "application/ld+json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200
            assert json.load(answer)["id"] == "https://w3id.org/dialogue/id/conference/cimo-16"
        with urllib.request.urlopen(f"{address}static/style.css", timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/css")


def test_a_record_of_ones_own_is_checked_and_built_in_every_format(user: User) -> None:
    code, output, error = user.environment.run("dialogue", "check", cwd=user.record)
    assert (code, error) == (0, "")
    assert output.splitlines()[-1].startswith("0 violations, ")
    names = ",".join(one.name for one in WRITERS)
    command = ("dialogue", "build", "--check", "--formats", names)
    code, output, error = user.environment.run(*command, cwd=user.record)
    assert (code, error) == (0, "")
    release = user.record / "build/release"
    listed = (release / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in listed)}
    assert {name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in sums} == (
        sums
    )
    for one in WRITERS:
        for file in one.files:
            assert (release / file.file).is_file(), file.file


def test_a_table_of_the_release_is_one_of_pandas(user: User) -> None:
    script = (
        "import pandas\n"
        "csv = pandas.read_csv('build/release/tables/Conference.csv', dtype='string')\n"
        "other = pandas.read_parquet('build/release/parquet/Conference.parquet')\n"
        "print(len(csv), *csv['iri'], sorted(csv.columns) == sorted(other.columns))\n"
    )
    code, output, error = user.environment.run("python", "-c", script, cwd=user.record)
    assert (code, error) == (0, "")
    conferences = sorted(path.stem for path in (user.record / "data/conferences").iterdir())
    iris = [f"{BASE}id/conference/{name}" for name in conferences]
    assert output.split() == [str(len(iris)), *iris, "True"]


@contextmanager
def served(environment: Environment) -> Iterator[str]:
    """Serve by the installed command on a free port of loopback until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [environment.folder / "bin/dialogue", "serve", "--port", str(port)],
        cwd=environment.home, env=environment.variables,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(2400):
            assert process.poll() is None, "the server has ended"
            try:
                with urllib.request.urlopen(f"{address}ready", timeout=5):
                    break
            except OSError:
                time.sleep(0.05)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def metadata(wheel: Path) -> dict[str, list[str]]:
    """Return the fields of a wheel's metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        message = HeaderParser().parsestr(archive.read(name).decode())
    return {field: message.get_all(field, []) for field in {*message}}


def test_the_package_says_what_it_is(built: dict[str, Path]) -> None:
    fields = metadata(built["wheel"])
    assert fields["Name"] == ["dialogue-graph"]
    assert fields["Version"] == [__version__]
    assert fields["License-Expression"] == ["Apache-2.0 AND CC-BY-4.0"]
    assert fields["License-File"] == ["LICENSE"]
    assert fields["Requires-Python"] == [">=3.11"]
    assert sorted(fields["Provides-Extra"]) == ["dev", "tables"]
    assert fields["Classifier"] == project()["classifiers"]


def project() -> dict[str, list[str]]:
    """Return what pyproject.toml says of the package."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, list[str]] = tomllib.load(file)["project"]
    return table


def test_the_licences_lie_in_both_packages(built: dict[str, Path]) -> None:
    text = (ROOT / "LICENSE").read_bytes()
    with zipfile.ZipFile(built["wheel"]) as wheel:
        (name,) = (n for n in wheel.namelist() if n.endswith("licenses/LICENSE"))
        assert wheel.read(name) == text
    assert content(built["sdist"])["LICENSE"] == text


def content(sdist: Path) -> dict[str, bytes]:
    """Return the files of a source package by their paths below its folder."""
    with tarfile.open(sdist) as archive:
        files = {member.name.partition("/")[2]: member for member in archive if member.isfile()}
        return {name: _read(archive, member) for name, member in files.items()}


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def tracked() -> Iterator[str]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    command += ["--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    yield from (name for name in names.split("\0") if name and (ROOT / name).is_file())


def test_the_source_package_is_the_repository_without_the_texts_of_others(
    built: dict[str, Path],
) -> None:
    texts = {name for name in tracked() if re.fullmatch(r"data/sources/[^/]+\.txt", name)}
    assert len(texts) >= 1
    assert {*content(built["sdist"])} == {*tracked()} - texts | {"PKG-INFO"}


def test_the_source_package_makes_the_same_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (wheel, built["wheel"])]
    assert digests[0] == digests[1]
