"""`/metrics`: the figures of this server, for Prometheus and whatever reads its formats.

Nothing is counted for it: each part of the server counts in plain numbers, which are gathered when
somebody asks. A part is added by one line, `metrics.watch(FAMILIES, source)`.
"""

import asyncio
import logging
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network

from fastapi import FastAPI, Request, Response
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.datastructures import Headers
from starlette.types import Scope

from app import __version__
from app.engine.engine import Engine
from app.errors import metrics_private
from app.manifest import Release
from app.rdf.formats import OPEN_METRICS, PROBLEM, PROMETHEUS
from app.server.families import (
    CONNECTIONS,
    ENGINE,
    GENERATIONS,
    LOG,
    PREFIX,
    Families,
    Source,
)
from app.server.logs import LogWriter
from app.server.processes import figures
from app.server.request_log import BUCKETS, RequestCounts
from app.settings import Settings
from app.web.client_address import Network, client_of, is_trusted
from app.web.negotiation import accept_of, choose
from app.web.responses import Answers

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


# What surrounds the application of one release tells its state by these names in the scope's
# `state`, each with the method that returns it.
_AROUND = {"connections": ("counts", CONNECTIONS), "generations": ("state", GENERATIONS)}


class Metrics:
    """The figures of one server, gathered from their sources when somebody asks."""

    def __init__(self) -> None:
        self._sources: list[Callable[[], Iterable[Metric]]] = []

    def add(self, source: Callable[[], Iterable[Metric]]) -> None:
        """Add a source that makes its families itself."""
        self._sources.append(source)

    def watch(self, families: Families, source: Source) -> None:
        """Add a source that returns figures: a mapping, or an object with attributes."""

        self._sources.append(lambda: shown(families, source()))

    def gather(self) -> list[Metric]:
        """Return all families as they are now."""
        return [metric for source in self._sources for metric in source()]


def shown(families: Families, state: object) -> list[Metric]:
    """Return those families of which a state has figures."""
    return [metric for family in families if (metric := family.metric(state))]


class _Gathered(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def write(
    families: list[Metric], accept: str | None, pids: Iterable[int] = ()
) -> tuple[bytes, str]:
    """Return families, with those of this process and of `pids`, as bytes, and their media type.

    OpenMetrics where `accept` likes it best, else the format of Prometheus. Reads files of the
    system: not for the event loop.
    """
    registry = CollectorRegistry()
    registry.register(_Gathered([*families, *processes(pids)]))
    ProcessCollector(registry=registry)
    # The library would repeat whatever version a client writes.
    encode, media = choose_encoder(choose(accept, [PROMETHEUS, OPEN_METRICS]) or PROMETHEUS)
    return encode(registry), media


def add(
    app: FastAPI, settings: Settings, released: Release, engine: Engine, counts: RequestCounts
) -> Metrics:
    """Add `/metrics`, for those whom the settings name, and return what it shows."""
    readers, trusted = settings.metrics_from, settings.trusted_proxies
    metrics = Metrics()
    metrics.add(lambda: build(released))
    metrics.add(lambda: requests(counts))
    metrics.watch(ENGINE, lambda: engine)
    metrics.watch(LOG, _dropped)
    answers: Answers = {
        200: {"description": "The figures", "content": {PROMETHEUS: {}, OPEN_METRICS: {}}},
        403: {"description": "They are not for this address", "content": {PROBLEM: {}}},
    }

    @app.get(
        "/metrics",
        tags=["Operations"],
        summary="The figures of the server, for Prometheus",
        response_class=Response,
        responses=answers,
    )
    async def figures_of_now(request: Request) -> Response:
        if not may_read(request.scope, readers, trusted):
            raise metrics_private()
        families = metrics.gather() + around(request.scope)
        # Counted here, where nothing else runs meanwhile; written where nothing waits for it.
        accept, pids = accept_of(request.headers), engine.pids
        content, media = await asyncio.to_thread(write, families, accept, pids)
        return Response(content, headers={"Content-Type": media, "Cache-Control": "no-store"})

    return metrics


def around(scope: Scope) -> list[Metric]:
    """Return the figures of what surrounds the application: connections, generations."""
    state = scope.get("state", {})
    return [
        metric
        for name, (method, families) in _AROUND.items()
        if name in state
        for metric in shown(families, getattr(state[name], method)())
    ]


def _dropped() -> dict[str, int]:
    writers = [h for h in logging.getLogger().handlers if isinstance(h, LogWriter)]
    return {"dropped": sum(writer.dropped for writer in writers)}


def may_read(scope: Scope, readers: Sequence[Network], trusted: Sequence[Network]) -> bool:
    """Return whether a request comes from one of the `readers`.

    One that a trusted proxy forwards counts for the address that the proxy names, an IPv6 one as
    its /64. One that anybody else forwards is refused: a proxy on this machine that nobody was
    told of would else open the figures to all its clients.
    """
    host, _ = scope.get("client") or ("", 0)
    try:
        peer = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    headers = Headers(scope=scope)
    if not any(name in headers for name in _FORWARDED):
        return is_trusted(peer, readers)
    client = client_of(scope, trusted)
    if not is_trusted(peer, trusted) or client == client_of({**scope, "headers": []}, ()):
        return False
    named = ip_network(client)
    return any(
        named.version == reader.version
        and int(reader.network_address) <= int(named.network_address)
        and int(named.broadcast_address) <= int(reader.broadcast_address)
        for reader in readers
    )


def requests(counts: RequestCounts) -> Iterator[Metric]:
    """Yield what was asked and how it ended."""
    asked = CounterMetricFamily(
        f"{PREFIX}requests",
        "Requests that were worked on, by the first part of their path and the status",
        labels=["area", "status"],
    )
    for (area, status), number in counts.requests.items():
        asked.add_metric([area, str(status or "none")], number)
    yield asked
    octets = CounterMetricFamily(
        f"{PREFIX}response_bytes", "Bytes of bodies that were sent", labels=["area"]
    )
    for area, number in counts.octets.items():
        octets.add_metric([area], number)
    yield octets
    yield GaugeMetricFamily(
        f"{PREFIX}requests_running", "Requests that are worked on now", counts.running
    )
    ended = CounterMetricFamily(
        f"{PREFIX}queries", "Queries that were worked on, by how they ended", labels=["outcome"]
    )
    taken = HistogramMetricFamily(
        f"{PREFIX}query_seconds",
        "From the receipt of a query to the last byte of its answer, by how it ended",
        labels=["outcome"],
    )
    bounds = [*map(str, BUCKETS), "+Inf"]
    for outcome, times in counts.times.items():
        total, buckets = 0, []
        for bound, number in zip(bounds, times.counts, strict=True):
            total += number
            buckets.append((bound, total))
        ended.add_metric([outcome], total)
        taken.add_metric([outcome], buckets, times.total)
    yield from (ended, taken)


def processes(pids: Iterable[int]) -> Iterator[Metric]:
    """Yield what the processes of this server take: of the front, of loaders, of workers."""
    running = GaugeMetricFamily(f"{PREFIX}processes", "Processes that run", labels=["role"])
    memory = GaugeMetricFamily(
        f"{PREFIX}processes_resident_memory_bytes",
        "Their resident memory, what they share counted for each",
        labels=["role"],
    )
    seconds = CounterMetricFamily(
        f"{PREFIX}processes_cpu_seconds",
        "What they have computed, those that have ended counted for who made them",
        labels=["role"],
    )
    for role, sums in sorted(figures(pids).items()):
        running.add_metric([role], sums.running)
        memory.add_metric([role], sums.memory)
        seconds.add_metric([role], sums.seconds)
    yield from (running, memory, seconds)


def build(release: Release) -> Iterator[Metric]:
    """Yield which program serves which release."""
    yield InfoMetricFamily(
        f"{PREFIX}build",
        "The program, and the release that it serves",
        {
            "version": __version__,
            "release": release.release or release.version,
            "digest": release.digest[:12],
            "python": platform.python_version(),
        },
    )
