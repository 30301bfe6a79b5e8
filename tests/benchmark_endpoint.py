"""What `make bench` measures of the endpoint: requests and CPU beside other servers, and more.

    python tests/benchmark_endpoint.py [--setup] [--short] [PART]...

Every figure is of real servers on a generated graph, asked over loopback by a process of its own.
CPU is that of a server's whole tree of processes; where two servers are compared they are asked in
turn, round by round, in one run. PART is some of: rows long beside start. `--setup` fetches the
other servers into a folder of their own; what is not there is passed over by name. DIALOGUE_TRIPLES
says how large the graphs are, else 114,000 and 1,100,000 triples.
"""

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import generated
from bench import measures, queries, servers, setup, trees
from bench.measures import Rate
from bench.servers import Absent, Server

PARTS = "rows", "long", "beside", "start"
SMALL, LARGE = 114_000, 1_100_000
PER_CONFERENCE = 63
SLOW = 20
"""Answers a second; a server below it is measured in one round."""
Make = Callable[[Path, Path], AbstractContextManager[Server]]
OTHERS: dict[str, tuple[Make, int]] = {
    "oxigraph": (servers.oxigraph, 2 * LARGE),
    "rdflib-endpoint": (servers.rdflib_endpoint, 2 * SMALL),
    "Virtuoso": (servers.virtuoso, 2 * LARGE),
}
"""Each with the largest graph that it is started on."""


@dataclass(frozen=True)
class Plan:
    """How long and how often to measure."""

    rounds: int
    seconds: float
    beside: float
    hostile: tuple[int, ...]
    sizes: tuple[int, ...]


def plan(short: bool) -> Plan:
    """Return how long and how often to measure."""
    named = os.environ.get("DIALOGUE_TRIPLES")
    sizes = tuple(int(size) for size in named.split()) if named else (SMALL, LARGE)
    if short:
        return Plan(1, 0.4, 2, (4,), sizes if named else (11_400,))
    return Plan(3, 2, 12, (4, 20, 80), sizes)


def things(triples: int) -> int:
    """Return how many conferences a graph of so many triples has at the least."""
    return max(triples // PER_CONFERENCE, 10)


def print_rows(size: int, data: Path, folder: Path, plan: Plan) -> None:
    """Print what each server does with the same, different, small and large queries."""
    with ExitStack() as stack:
        running: list[tuple[Server, tuple[int, ...]]] = []
        ours = stack.enter_context(servers.ours(data, folder))
        running.append((ours, ()))
        for name, (make, most) in OTHERS.items():
            if size > most:
                print(f"- {name}: not started on so large a graph")
                continue
            try:
                server = stack.enter_context(make(data, folder))
            except Absent as absent:
                print(f"- {name}: {absent}")
                continue
            running.append((server, ()))
            if name == "oxigraph":
                try:
                    cached = stack.enter_context(servers.behind_nginx(server, folder))
                except Absent as absent:
                    print(f"- nginx: {absent}")
                else:
                    running.append((cached, (server.pid,)))
        print_differences([server for server, _ in running])
        rates: dict[tuple[str, str], list[Rate]] = {}
        for server, _ in running:
            trees.quiet(server.pid, 20)
        for number in range(plan.rounds):
            for row, texts in queries.ROWS.items():
                for server, beside in running:
                    # Who takes many seconds for a handful of answers is asked once.
                    if number and rates[row, server.name][0].a_second < SLOW:
                        continue
                    came = measures.rate(server, texts, plan.seconds, things(size), beside)
                    rates.setdefault((row, server.name), []).append(came)
        print(
            "\n| queries | server | requests/s | of oxigraph’s | CPU ms | of oxigraph’s | "
            "p50 / p99 ms | refused | the load, of a core |\n|---|---|---|---|---|---|---|---|---|"
        )
        oxigraph = next((s.name for s, _ in running if s.name.startswith("oxigraph")), None)
        for row in queries.ROWS:
            for server, _ in running:
                _print_rate(
                    row, server.name, rates[row, server.name], rates.get((row, oxigraph or ""))
                )
        print("\n| process | resident MB | of its own and its share, MB |\n|---|---|---|")
        for server, _ in running:
            for process in trees.memory(server.pid):
                print(
                    f"| {server.name}: `{_short(process.command)}` | "
                    f"{process.resident / 1e6:.0f} | {process.proportional / 1e6:.0f} |"
                )


def _short(command: str) -> str:
    """Return what tells a process from its siblings: its program or module."""
    words = command.split()
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1]
    return " ".join(Path(word).name for word in words[:2])[:40]


def _print_rate(row: str, name: str, rates: list[Rate], others: list[Rate] | None) -> None:
    def middle(values: list[float]) -> float:
        return statistics.median(values)

    faster = cheaper = "–"
    if others:
        pairs = list(zip(rates, others, strict=False))
        faster = f"{middle([a.a_second / b.a_second for a, b in pairs]):.2f}"
        cheaper = f"{middle([a.cpu / b.cpu for a, b in pairs if b.cpu]):.2f}"
    # Who answers the same again has kept it, which is to be read beside its figures.
    kept = row == "repeated" and (name == "dialogue" or name.endswith("cache"))
    called = f"{name}, from memory" if kept else name
    print(
        f"| {row} | {called} | {middle([r.a_second for r in rates]):,.0f} | {faster} | "
        f"{middle([r.cpu for r in rates]):.3f} | {cheaper} | "
        f"{middle([r.p50 for r in rates]):.2f} / {middle([r.p99 for r in rates]):.1f} | "
        f"{sum(r.refused for r in rates)} | {middle([r.load for r in rates]):.2f} |",
        flush=True,
    )


def print_differences(running: list[Server]) -> None:
    """Print where the answers of a server are others than ours, so that equals are compared."""
    first = measures.answers(running[0])
    for server in running[1:]:
        for name, ours, theirs in zip(
            ("point", "count", "tree", "quotes"), first, measures.answers(server), strict=True
        ):
            if ours == theirs:
                continue
            odd = sorted(set(theirs) ^ set(ours))
            print(
                f"- {server.name}, {name}: {len(theirs)} rows, ours {len(ours)}; not in both, for "
                f"example `{odd[0] if odd else 'a row that comes twice'}`"
            )
    print(f"- answers compared: {', '.join(server.name for server in running)}", flush=True)


def print_long(data: Path, folder: Path) -> None:
    """Print what a million rows take, read at once and by a reader who rests."""
    print(
        "\n| a million rows | first byte ms | s | MB/s | rows | the front grew by MB |\n"
        "|---|---|---|---|---|---|"
    )
    for name, make in (("dialogue", servers.ours), ("oxigraph", servers.oxigraph)):
        try:
            with make(data, folder) as server:
                trees.quiet(server.pid, 20)
                measures.long_answer(server)
                for how, rest in (("", 0.0), (", the reader rests for 3 s", 3.0)):
                    came = measures.long_answer(server, rest)
                    speed = came.received / 1e6 / max(came.seconds - rest, 0.001)
                    print(
                        f"| {server.name}{how} | {came.first:.0f} | {came.seconds:.1f} | "
                        f"{speed:.0f} | {came.rows:,} | {came.grown / 1e6:.1f} |",
                        flush=True,
                    )
        except Absent as absent:
            print(f"| {name}: {absent} | | | | | |")


def print_beside(size: int, data: Path, folder: Path, plan: Plan) -> None:
    """Print what good clients get beside hostile ones; each time from a server that is new."""
    print(
        "\n| two good connections beside | good answers/s | p50 / p99 / longest, ms | refused | "
        "the hostile got |\n|---|---|---|---|---|"
    )
    new = "from ever new addresses"
    endless, fresh_endless, another = (
        [queries.request("/sparql", query, close=fresh)]
        for query, fresh in (
            (queries.ENDLESS, False),
            (queries.ENDLESS, True),
            (queries.ANOTHER, True),
        )
    )
    cases = [(0, "nobody", endless, False)]
    cases += [(n, f"{n} hostile from one other", endless, False) for n in plan.hostile]
    cases += [(n, f"{n} hostile {new}", fresh_endless, True) for n in plan.hostile[:2]]
    cases += [
        (n, f"{n} hostile {new}, each another query", another, True) for n in plan.hostile[:2]
    ]
    cases += [
        (n, f"{n} from one other that ask for {name}", [*map(queries.page, targets)], False)
        for n in plan.hostile[1:2]
        for name, targets in queries.PAGES.items()
    ]
    for number, who, requests, fresh in cases:
        with servers.ours(data, folder) as server:
            trees.quiet(server.pid, 20)
            good, bad = measures.beside(
                server, plan.beside, number, things(size), requests, fresh=fresh
            )
            refused = str(good.refused)
            if good.refused:
                refused += f" {good.statuses}, cut {good.cut}"
            got = "–"
            if bad:
                got = ", ".join(f"{n} × {s}" for s, n in sorted(bad.statuses.items()))
                got += f", {bad.cut} cut" if bad.cut else ""
            print(
                f"| {who} | "
                f"{good.answers / good.seconds:,.0f} | "
                f"{good.p50:.1f} / {good.p99:.0f} / {good.longest:,.0f} | {refused} | {got} |",
                flush=True,
            )


def print_start(size: int, data: Path, folder: Path) -> None:
    """Print what a start takes until the first SPARQL answer, with and without what is kept."""
    home = Path(tempfile.mkdtemp(dir=folder))
    rows: list[tuple[str, Callable[[], AbstractContextManager[Server]]]] = [
        ("dialogue, first", lambda: servers.ours(data, home)),
        ("dialogue, again", lambda: servers.ours(data, home)),
        ("oxigraph, into memory", lambda: servers.oxigraph(data, home)),
    ]
    for name, make in rows:
        try:
            came = measures.start(make)
        except Absent as absent:
            print(f"| {name}: {absent} | | | |")
            continue
        print(
            f"| {name}, {size:,} triples | {came.cpu:.2f} | {came.seconds:.2f} | "
            f"{came.settled:.2f} |",
            flush=True,
        )


def main() -> None:
    """Print the figures as Markdown tables."""
    parser = argparse.ArgumentParser(description="Measure the endpoint beside other servers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--short", action="store_true", help="a small graph, one short round")
    parser.add_argument("--setup", action="store_true", help="fetch the other servers first")
    chosen = parser.parse_args()
    parts = chosen.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if chosen.setup and (missing := setup.setup()):
        print(f"not to be had: {', '.join(missing)}")
    now = plan(chosen.short)
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        graphs = {n: generated.write(folder / f"graph-{n}.nt", n) for n in now.sizes}
        smallest, data = next(iter(graphs.items()))
        if "rows" in parts:
            most = measures.ceiling(folder, now.seconds)
            print(f"\nThe load reads {most:,.0f} answers/s where the server does nothing.")
            for size, file in graphs.items():
                print(f"\n{size:,} triples; {now.rounds} rounds of {now.seconds:g} s in turn:\n")
                print_rows(size, file, folder, now)
        if "long" in parts:
            print_long(data, folder)
        if "beside" in parts:
            print_beside(smallest, data, folder, now)
        if "start" in parts:
            print("\n| start | CPU s to the first answer | s | CPU s in all |\n|---|---|---|---|")
            for size, file in graphs.items():
                print_start(size, file, folder)


if __name__ == "__main__":
    main()
