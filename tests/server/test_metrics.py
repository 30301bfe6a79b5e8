"""The figures: what they count, who may read them, and that others can read their formats."""

import asyncio
import http.client
import importlib
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import httpx
import pytest
from programs import program
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families
from shop import DATA, MANY, ROWS, SLOW, Shop, kill, lay, serve, web

from app.server import families, metrics
from app.server.families import Family
from app.server.metrics import Metrics, around, may_read, write
from app.server.processes import figures
from app.server.request_log import BUCKETS, RequestCounts
from app.web.client_address import networks

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serve(lay(tmp_path_factory.mktemp("shop") / "release")) as running:
        yield running


def samples(text: str) -> Samples:
    """Return every sample of an exposition by its name and its labels."""
    families = list(text_string_to_metric_families(text))
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


def read(shop: Shop) -> Samples:
    """Return the figures of a server."""
    return samples(web.get(f"{shop.url}metrics").text)


def risen(before: Samples, after: Samples, *names: str) -> dict[tuple[str, str], float]:
    """Return by how much the samples of these names have risen: by their name and labels."""
    rises = {}
    for (name, labels), value in after.items():
        rise = value - before.get((name, labels), 0.0)
        if name in names and rise:
            rises[name, ",".join(f"{k}={v}" for k, v in sorted(labels))] = rise
    return rises


def test_figures_are_in_the_format_that_prometheus_reads(shop: Shop) -> None:
    answer = web.get(f"{shop.url}metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert len(families) > 15
    for name, family in families.items():
        assert family.documentation, name
        assert name.startswith(("dialogue_", "process_"))
    ((build,),) = ([s.labels for s in families["dialogue_build_info"].samples],)
    assert (build["version"], build["digest"]) == ("0.1.0", "0" * 12)
    assert families["dialogue_quads"].samples[0].value == 3009


def test_figures_are_in_openmetrics_for_who_asks_for_it(shop: Shop) -> None:
    answer = web.get(f"{shop.url}metrics", headers={"Accept": OPEN_METRICS})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {family.name: family for family in read_open_metrics(answer.text)}
    assert families["dialogue_query_seconds"].type == "histogram"
    assert families["dialogue_requests"].type == "counter"
    assert families["dialogue_build"].type == "info"


# As Prometheus 2.42 and 3 ask.
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (PROMETHEUS_2, "application/openmetrics-text"),
        (PROMETHEUS_3, None),
        ("application/openmetrics-text", "application/openmetrics-text"),
        ("application/openmetrics-text; version=nine", None),
        ("text/plain; version=x", None),
        ("text/plain", "text/plain"),
        ("image/png", "text/plain"),
        ("", "text/plain"),
        ("a" * 99, "text/plain"),
        ('"', "text/plain"),
    ],
    ids=range(10),
)
def test_whatever_is_accepted_the_figures_come_in_a_format_that_is_one(
    shop: Shop, accept: str, media: str | None
) -> None:
    answer = web.get(f"{shop.url}metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    content_type = answer.headers["content-type"]
    assert content_type in (
        "text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
    )
    assert media in (None, content_type.partition(";")[0])
    read_it = text_string_to_metric_families if "plain" in content_type else read_open_metrics
    assert "dialogue_quads" in {family.name for family in read_it(answer.text)}


def test_prometheus_own_tool_has_nothing_against_the_figures(shop: Shop) -> None:
    text = web.get(f"{shop.url}metrics").text
    done = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=text, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_request_is_counted_by_area_and_how_it_ended(shop: Shop) -> None:
    before = read(shop)
    for query, status in (("ASK {", 400), ("ASK { SERVICE <http://a/> {} }", 403)):
        assert shop.ask(query).status_code == status
    for query in ("ASK {}", "SELECT * { ?s ?p ?o } LIMIT 7"):
        assert shop.ask(query).status_code == 200
    # By another method, so that no memory of the first answer can answer it.
    known = {"If-None-Match": shop.ask("ASK { ?s ?p ?o }").headers["etag"]}
    params = {"query": "ASK { ?s ?p ?o }"}
    assert web.get(f"{shop.url}sparql", params=params, headers=known).status_code == 304
    for path in ("no/such", "nor/this/one", "live"):
        web.get(shop.url + path)
    after = read(shop)
    asked = risen(before, after, "dialogue_requests_total")
    assert asked == {
        ("dialogue_requests_total", "area=sparql,status=200"): 3,
        ("dialogue_requests_total", "area=sparql,status=304"): 1,
        ("dialogue_requests_total", "area=sparql,status=400"): 1,
        ("dialogue_requests_total", "area=sparql,status=403"): 1,
        ("dialogue_requests_total", "area=other,status=404"): 2,
        ("dialogue_requests_total", "area=live,status=200"): 1,
        # The one that read the figures before.
        ("dialogue_requests_total", "area=metrics,status=200"): 1,
    }
    assert risen(before, after, "dialogue_queries_total", "dialogue_query_seconds_count") == {
        (name, f"outcome={outcome}"): number
        for name in ("dialogue_queries_total", "dialogue_query_seconds_count")
        for outcome, number in (
            ("ok", 3), ("not-modified", 1), ("query-malformed", 1), ("federation-disabled", 1),
        )
    }  # fmt: skip


def test_the_first_mistake_is_a_rise_from_nothing_wherever_it_happens(shop: Shop) -> None:
    now = {
        labels: value for (name, labels), value in read(shop).items()
        if name == "dialogue_requests_total"
    }  # fmt: skip
    areas = {dict(labels)["area"] for labels in now}
    assert {"home", "sparql", "graphs", "doc", "browse", "other"} <= areas
    mistakes = {dict(labels)["area"]: value for labels, value in now.items()
                if dict(labels)["status"] == "500"}  # fmt: skip
    assert mistakes == dict.fromkeys(areas, 0)


def test_queries_that_are_stopped_or_cut_or_left_are_counted_as_that(tmp_path: Path) -> None:
    with serve(lay(tmp_path / "release", DATA + MANY), DIALOGUE_QUERY_SECONDS="3") as shop:
        before = read(shop)
        assert shop.ask(SLOW).status_code == 503
        with web.stream("GET", f"{shop.url}sparql", params={"query": ROWS}) as answer:
            chunks = answer.iter_raw(1000)
            next(chunks)
            kill(shop.workers())
            with pytest.raises(httpx.RemoteProtocolError):
                for _ in chunks:
                    pass
        gone = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
        gone.request("GET", f"/sparql?query={SLOW.replace(' ', '%20')}")
        time.sleep(0.3)
        gone.close()
        names = {f"outcome={outcome}" for outcome in ("query-timeout", "cut", "client-left")}
        for _ in range(400):
            rises = risen(before, read(shop), "dialogue_queries_total")
            if {labels for _, labels in rises} == names:
                break
            time.sleep(0.02)
        assert rises == {("dialogue_queries_total", name): 1 for name in names}
        assert read(shop)["dialogue_requests_running", frozenset()] == 1


def test_the_classes_of_time_add_up() -> None:
    counts = RequestCounts()
    for seconds in (0.0005, 0.001, 0.0011, 7.0, 61.0):
        counts.add("sparql", 200, "ok", seconds, 10)
    counts.add("browse", 200, "ok", 3.0, 10)
    lone = Metrics()
    lone.add(lambda: metrics.requests(counts))
    text = write(lone.gather(), "")[0].decode()
    found = {
        dict(labels)["le"]: value
        for (name, labels), value in samples(text).items()
        if name == "dialogue_query_seconds_bucket" and ("outcome", "ok") in labels
    }
    assert len(found) == len(BUCKETS) + 1
    assert (found["0.001"], found["0.0025"], found["5.0"], found["10.0"]) == (2, 3, 3, 4)
    assert (found["60.0"], found["+Inf"]) == (4, 5)


@dataclass(frozen=True)
class Figures:
    waiting: int
    kills: Mapping[str, int]
    faults: tuple[str, ...] = ("one", "two")
    absent: None = None


def test_a_part_of_the_server_is_added_by_one_line() -> None:
    families = (
        Family("waiting", "queries_waiting", "gauge", "Queries that wait"),
        Family("kills", "kills", "counter", "Workers that were killed", "cause"),
        Family("faults", "faults", "gauge", "Releases that cannot be served"),
        Family("absent", "absent", "gauge", "What this part does not know"),
        Family("elsewhere", "elsewhere", "gauge", "What this part does not have"),
    )
    for source in (
        Figures(3, {"deadline": 2, "memory": 1}),
        {"waiting": 3, "kills": {"deadline": 2, "memory": 1}, "faults": ["a", "b"]},
    ):
        lone = Metrics()
        lone.watch(families, lambda source=source: source)
        shown = {
            (name, labels): value
            for (name, labels), value in samples(write(lone.gather(), "")[0].decode()).items()
            if name.startswith("dialogue_") and "processes" not in name
        }
        assert shown == {
            ("dialogue_queries_waiting", frozenset()): 3,
            ("dialogue_faults", frozenset()): 2,
            ("dialogue_kills_total", frozenset({("cause", "deadline")})): 2,
            ("dialogue_kills_total", frozenset({("cause", "memory")})): 1,
        }


@pytest.mark.parametrize(
    ("shown", "module", "name"),
    [
        (families.ENGINE_COUNTS, "app.engine.pool", "EngineCounts"),
        (families.CACHE, "app.web.cache", "CacheCounts"),
        (families.CONNECTIONS, "app.server.front.connections", "ConnectionCounts"),
        (families.GENERATIONS, "app.server.generations", "GenerationState"),
    ],
    ids=["engine", "cache", "connections", "generations"],
)
def test_every_number_that_a_part_counts_is_shown(
    shown: families.Families, module: str, name: str
) -> None:
    try:
        part = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        pytest.skip(f"{module} counts nothing yet")
    numbers = {field.name for field in fields(part) if field.type is not str}
    assert {family.field for family in shown} == numbers


class Surroundings:
    """Something round the application that counts."""

    def counts(self) -> dict[str, int]:
        return {"open": 7, "unheard of": 1}


def test_what_surrounds_the_application_is_shown_too() -> None:
    assert around({"type": "http"}) == []
    text = write(around({"type": "http", "state": {"connections": Surroundings()}}), None)[0]
    shown = {name for name, _ in samples(text.decode()) if "connections" in name}
    assert shown == {"dialogue_connections"}


def scope(peer: str | None, **headers: str) -> dict[str, object]:
    """Return a request from a peer with these headers, as ASGI tells of it."""
    raw = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    return {"type": "http", "client": (peer, 4711) if peer else None, "headers": raw}


@pytest.mark.parametrize(
    ("peer", "headers", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("127.9.9.9", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("10.0.0.7", {}, True),
        ("2001:db8:1::1", {}, True),
        ("10.0.1.7", {}, False),
        ("192.0.2.1", {}, False),
        ("2001:db8:2::1", {}, False),
        (None, {}, False),
        ("socket", {}, False),
        # Anybody can write the header; only a proxy that is trusted counts.
        ("192.0.2.1", {"x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", {"x_forwarded_for": "192.0.2.1"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"x_real_ip": "192.0.2.1"}, False),
        ("127.0.0.1", {"via": "1.1 somewhere"}, False),
        ("10.9.9.9", {"x_forwarded_for": "10.0.0.7"}, True),
        ("10.9.9.9", {"x_forwarded_for": "127.0.0.1"}, True),
        ("10.9.9.9", {"x_forwarded_for": "2001:db8:1::7"}, True),
        ("10.9.9.9", {"x_forwarded_for": "192.0.2.1"}, False),
        ("10.9.9.9", {"x_forwarded_for": "127.0.0.1, 192.0.2.1"}, False),
        ("10.9.9.9", {"x_forwarded_for": "nonsense"}, False),
        ("10.9.9.9", {"x_forwarded_for": ""}, False),
        # The proxy itself is no reader, and ::1 that a proxy names counts as its /64.
        ("10.9.9.9", {}, False),
        ("10.9.9.9", {"x_forwarded_for": "::1"}, False),
    ],
)
def test_the_figures_are_for_those_whom_the_settings_name(
    peer: str | None, headers: dict[str, str], allowed: bool
) -> None:
    readers = networks("127.0.0.0/8, ::1, 10.0.0.0/24, 2001:db8:1::/48")
    assert may_read(scope(peer, **headers), readers, networks("10.9.9.9")) is allowed


def test_the_description_of_the_server_tells_of_the_figures(shop: Shop) -> None:
    described = web.get(f"{shop.url}openapi.json").json()["paths"]["/metrics"]["get"]["responses"]
    assert {status: set(answer["content"]) for status, answer in described.items()} == {
        "200": {"text/plain; version=0.0.4", OPEN_METRICS},
        "403": {"application/problem+json"},
    }


def test_who_is_not_named_is_told_so(shop: Shop, tmp_path: Path) -> None:
    refusal = {
        "type": "http://dialogue.test/problems/metrics-private",
        "title": "The figures are not shown here",
        "status": 403,
        "detail": "The figures are shown to the addresses that DIALOGUE_METRICS_FROM names.",
    }
    forwarded = web.get(f"{shop.url}metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert (forwarded.status_code, forwarded.json()) == (403, refusal)
    release = lay(tmp_path / "release", DATA)
    with serve(release, DIALOGUE_METRICS_FROM="127.0.0.9") as other:
        answer = web.get(f"{other.url}metrics")
        assert (answer.status_code, answer.json()) == (403, refusal)
        with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.9")) as named:
            assert named.get(f"{other.url}metrics").status_code == 200


def test_the_processes_are_those_that_run(shop: Shop) -> None:
    shop.ask("ASK {}")
    for _ in range(100):
        found = read(shop)
        roles = {role: frozenset({("role", role)}) for role in ("front", "loader", "worker")}
        running = {role: found.get(("dialogue_processes", key)) for role, key in roles.items()}
        if running["worker"] == len(shop.workers()):
            break
        time.sleep(0.05)
    assert running == {"front": 1, "loader": 1, "worker": len(shop.workers())}
    for key in roles.values():
        assert 10**6 < found["dialogue_processes_resident_memory_bytes", key] < 10**10
        assert found["dialogue_processes_cpu_seconds_total", key] >= 0


def test_what_has_ended_or_was_never_there_is_passed_over(tmp_path: Path) -> None:
    stat = "(a) b) S " + " ".join(
        ["1"] + ["0"] * 9 + ["100", "50", "200", "50"] + ["0"] * 6 + ["7"]
    )
    (tmp_path / "4711").mkdir()
    (tmp_path / "4711" / "stat").write_text(f"4711 {stat}", encoding="utf-8")
    found = figures([4711, 4712], tmp_path)
    assert found.keys() == {"worker"}
    assert (found["worker"].running, found["worker"].seconds) == (1, 4.0)
    assert figures([4711], tmp_path / "none") == {}


def test_reading_the_figures_in_many_threads_disturbs_nobody(shop: Shop) -> None:
    texts: list[str] = []

    def ask() -> None:
        for _ in range(5):
            texts.append(web.get(f"{shop.url}metrics").text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert shop.ask("ASK {}").status_code == 200
    for thread in threads:
        thread.join()
    assert len(texts) == 20
    for text in texts:
        assert samples(text)["dialogue_quads", frozenset()] == 3009


def test_a_source_that_fails_is_seen() -> None:
    lone = Metrics()
    lone.watch((Family("a", "a", "gauge", "A"),), lambda: {"a": "no number"})
    with pytest.raises(ValueError, match="could not convert"):
        lone.gather()
    assert asyncio.run(asyncio.to_thread(write, list[Metric](), "")) is not None
