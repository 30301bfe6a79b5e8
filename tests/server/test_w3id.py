"""The permanent address: `deploy/w3id/.htaccess`, run by Apache before a server."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urljoin

import httpx
import pytest
from programs import program
from proxies import DEPLOY, free_port
from shop import Shop
from website import BASE, website

MODULES = "mpm_event", "authz_core", "rewrite"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with website(tmp_path_factory.mktemp("w3id") / "release") as found:
        yield found


@pytest.fixture(scope="module")
def apache(shop: Shop) -> Iterator[str]:
    # Started by root, its workers are nobody's, who may not enter the folders of tests.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with _apache(Path(folder), shop.url) as url:
            yield url


@contextmanager
def _apache(folder: Path, server: str) -> Iterator[str]:
    """Run Apache with the file as the registry holds it, which names another server."""
    command = program("apache2")
    # Beside the program: /usr/lib for one in /usr/sbin.
    libraries = Path(command).resolve().parents[1] / "lib"
    modules = libraries / "apache2" / "modules"
    rules = (DEPLOY / "w3id" / ".htaccess").read_text("utf-8")
    assert rules.count("https://dialogue.example.org/") == 1
    (folder / "site" / "dialogue").mkdir(parents=True)
    (folder / "site" / "dialogue" / ".htaccess").write_text(
        rules.replace("https://dialogue.example.org/", server), encoding="utf-8"
    )
    port = free_port()
    lines = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in MODULES]
    lines += [
        f"ServerRoot {folder}",
        "ServerName 127.0.0.1",
        f"Listen 127.0.0.1:{port}",
        f"PidFile {folder}/pid",
        f"DefaultRuntimeDir {folder}",
        f"Mutex file:{folder}",
        f"ErrorLog {folder}/error.log",
        f"DocumentRoot {folder}/site",
        *(["User nobody", "Group nogroup"] if os.geteuid() == 0 else []),
        f"<Directory {folder}/site>\nAllowOverride All\nRequire all granted\n</Directory>",
    ]
    (folder / "apache.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    paths = os.pathsep.join(str(path) for path in libraries.glob("*-linux-gnu"))
    process = subprocess.Popen(
        [command, "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"],
        env={"LD_LIBRARY_PATH": paths, "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=(folder / "output.log").open("wb"),
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(400):
            assert process.poll() is None, (folder / "output.log").read_text("utf-8")
            try:
                httpx.get(url)
            except httpx.TransportError:
                time.sleep(0.025)
            else:
                break
        else:
            raise AssertionError((folder / "error.log").read_text("utf-8"))
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "id/conference/cimo-16",
        "doc/conference/cimo-16.ttl",
        "ontology",
        "ontology/Conference",
        "dataset",
        "id/x/a%20b",
        "id/x/a%3Bc%23d",
        "id/x/%C3%A9%25",
        "id/x/(a)+b,;=:@&$!*'~",
        "sparql?query=ASK%20%7B%7D&a=%26",
        "browse/conference?after=",
    ],
)
def test_an_address_leads_to_the_same_of_the_server(apache: str, shop: Shop, path: str) -> None:
    answer = httpx.get(f"{apache}dialogue/{path}", headers={"Accept": "text/turtle"})
    assert answer.status_code == 302
    # As the client wrote it, whatever it wrote.
    assert answer.headers["location"] == str(httpx.URL(f"{shop.url}{path}"))


def test_an_iri_of_the_record_is_read_in_the_format_asked_for(apache: str, shop: Shop) -> None:
    iri = f"{BASE}id/conference/cimo-16"
    for media in ("text/turtle", "application/ld+json", "text/html"):
        accept = {"Accept": media}
        found = httpx.get(iri.replace(BASE, f"{apache}dialogue/"), headers=accept)
        while found.has_redirect_location:
            found = httpx.get(urljoin(shop.url, found.headers["location"]), headers=accept)
        direct = httpx.get(f"{shop.url}doc/conference/cimo-16", headers={"Accept": media})
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(media)
        assert found.content == direct.content


def test_what_is_not_ours_stays_where_it_is(apache: str) -> None:
    for path in ("", "dialogues/id/x", "other/dialogue/id/x"):
        assert httpx.get(f"{apache}{path}").status_code in (403, 404)
