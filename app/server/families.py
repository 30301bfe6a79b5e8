"""The families of figures that the parts of the server count in plain numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

PREFIX = "dialogue_"


@dataclass(frozen=True)
class Family:
    """A family of figures: what is shown of the attribute or key `field` of a source.

    Where that is a mapping, each of its figures is told by its key as the label `label`; of a
    sequence, its length. A source that has no such figure has no such family.
    """

    field: str
    name: str
    kind: Literal["counter", "gauge"]
    help: str
    label: str = ""

    def metric(self, source: object) -> Metric | None:
        """Return the family with the figures of a source, None if it has none."""
        if isinstance(source, Mapping):
            value = source.get(self.field)
        else:
            value = getattr(source, self.field, None)
        if value is None:
            return None
        make = CounterMetricFamily if self.kind == "counter" else GaugeMetricFamily
        family = make(PREFIX + self.name, self.help, labels=[self.label] if self.label else [])
        if isinstance(value, Mapping):
            for key, number in value.items():
                family.add_metric([str(key)], float(number))
        else:
            family.add_metric([], float(len(value) if isinstance(value, tuple | list) else value))
        return family


Families = Sequence[Family]
Source = Callable[[], object]

ENGINE: Families = (
    Family("quads", "quads", "gauge", "Quads of the release that is served"),
    Family("sealed", "sealed", "gauge", "1 where the kernel keeps queries on this machine"),
)
ENGINE_COUNTS: Families = (
    Family("outcomes", "engine_queries", "counter", "Queries by how they ended", "outcome"),
    Family("kills", "kills", "counter", "Workers that were lost, by cause", "cause"),
    Family("refused", "queries_refused", "counter", "Queries of clients above their share"),
    Family("retries", "query_retries", "counter", "Queries asked again of another worker"),
    Family("waiting", "queries_waiting", "gauge", "Queries that wait for a worker"),
    Family("running", "queries_running", "gauge", "Queries that run"),
    Family("ready", "workers_ready", "gauge", "Workers that wait for a query"),
)
CACHE: Families = (
    Family("hits", "cache_hits", "counter", "Requests that were answered from memory"),
    Family("unchanged", "cache_hits_unchanged", "counter", "Of these, with 304"),
    Family("misses", "cache_misses", "counter", "Requests that could have been"),
    Family("shared", "cache_shared", "counter", "Requests that waited for another's answer"),
    Family("evicted", "cache_evicted", "counter", "Answers that made room for others"),
    Family("entries", "cache_entries", "gauge", "Answers that are kept"),
    Family("bytes", "cache_bytes", "gauge", "Bytes that they take"),
    Family("limit", "cache_limit_bytes", "gauge", "Bytes that they may take"),
)
SPOOL: Families = (
    Family("used", "spool_bytes", "gauge", "Bytes on disk of answers that wait for their readers"),
    Family("limit", "spool_limit_bytes", "gauge", "Bytes that they may take"),
)
CONNECTIONS: Families = (
    Family("open", "connections", "gauge", "Connections that are open"),
    Family("idle", "connections_idle", "gauge", "Of these, those on which nothing is asked"),
    Family("clients", "clients", "gauge", "Clients that are connected"),
    Family("accepted", "connections_accepted", "counter", "Connections that were accepted"),
    Family("displaced", "connections_displaced", "counter", "Idle ones that made room"),
    Family("refused_client", "connections_refused_client", "counter", "Refused: share in use"),
    Family("refused_full", "connections_refused_full", "counter", "Refused: all in use"),
    Family("expired_idle", "connections_expired_idle", "counter", "Closed since nothing was asked"),
    Family("expired_heads", "connections_expired_heads", "counter", "Closed: head took too long"),
    Family("expired_bodies", "connections_expired_bodies", "counter", "Closed: body too slow"),
    Family("expired_writes", "connections_expired_writes", "counter", "Closed: reader too slow"),
    Family("malformed", "requests_malformed", "counter", "What was no request, or too large"),
    Family("forwarded", "requests_forwarded_untrusted", "counter", "Forwarded by whom none trusts"),
    Family("starved", "connections_starved", "counter", "Times that no descriptor was left"),
)
GENERATIONS: Families = (
    Family("number", "generation", "gauge", "The generation that is served, counted from 1"),
    Family("draining", "generations_draining", "gauge", "Older ones that still answer"),
    Family("faults", "release_faults", "gauge", "Releases that cannot be served"),
    Family("opened", "versions_open", "gauge", "Older releases that are open"),
)
LOG: Families = (
    Family("dropped", "log_lines_dropped", "counter", "Lines that nobody read in time"),
)
