"""The log: one line for each thing that happened, for people or for programs.

Lines go to standard error from a thread of its own: a reader of the log that does not read stops
nobody, the lines beyond `WAITING` are dropped and counted. Whatever a client sends, a line stays
one line, and steers no terminal.
"""

import json
import logging
import queue
import sys
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import TextIO

WAITING = 10_000
_BATCH = 256
# What is no warning may wait so long for others: to wake the thread for each line costs more than
# to write it.
_GATHER_SECONDS = 0.02
_END_SECONDS = 2.0
# The request that the current task answers: by its id, what else is logged finds its line.
REQUEST: ContextVar[str] = ContextVar("REQUEST", default="")
# Made once: `json.dumps` would make an encoder for every line.
_ENCODE = json.JSONEncoder(default=str).encode
_ID, _FACTS = "dialogue_request", "dialogue_facts"


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON, in ASCII: `time`, `level`, `logger`, `message` and its facts.

    The traceback of an error is its member `error`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        seconds = _second(int(record.created))
        members: dict[str, object] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        if request := getattr(record, _ID, ""):
            members["request"] = request
        members |= facts_of(record)
        if record.exc_info:
            members["error"] = self.formatException(record.exc_info)
        return _ENCODE(members)


class TextFormatter(logging.Formatter):
    """A record as a line for people, in the time of the machine; a traceback is indented below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        moment = datetime.fromtimestamp(record.created)
        words = [f"{moment:%H:%M:%S}", f"{record.levelname:<7}", message_of(record)]
        facts = facts_of(record)
        if "ms" in facts:
            words.append(f"{facts['ms']} ms, {facts['bytes']} bytes")
            words += [str(facts[name]) for name in ("cache", "cause") if name in facts]
        if request := getattr(record, _ID, ""):
            words.append(f"({request})")
        lines = [printable(" ".join(words))]
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            lines += [f"    {printable(line)}" for line in trace.splitlines()]
        return "\n".join(lines)


class LogWriter(logging.Handler):
    """Formats records and writes them in a thread of its own.

    `dropped` is how many lines could not be written, since too many waited or nobody reads.
    """

    def __init__(self, stream: TextIO, formatter: logging.Formatter) -> None:
        super().__init__()
        self.dropped = 0
        self.setFormatter(formatter)
        self._stream = stream
        # Beside records, what to set when all before it is written; None is the end.
        self._queue: queue.SimpleQueue[logging.LogRecord | threading.Event | None]
        self._queue = queue.SimpleQueue()
        self._urgent = threading.Event()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record to the thread."""
        if self._queue.qsize() >= WAITING:
            self.dropped += 1
            return
        if request := REQUEST.get():
            record.__dict__[_ID] = request
        self._queue.put(record)
        if record.levelno >= logging.WARNING:
            self._urgent.set()

    def settle(self) -> None:
        """Return when what waits is written, so that something else can follow it."""
        if self._thread.is_alive():
            written = threading.Event()
            self._queue.put(written)
            self._urgent.set()
            written.wait(_END_SECONDS)

    def close(self) -> None:
        """Write what waits, as long as somebody reads, and end the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._urgent.set()
            self._thread.join(_END_SECONDS)
        super().close()

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            records = [self._queue.get()]
            if self._queue.qsize() < _BATCH:
                self._urgent.wait(_GATHER_SECONDS)
            while len(records) < _BATCH and not self._queue.empty():
                records.append(self._queue.get())
            if self._queue.empty():
                self._urgent.clear()
            goes_on = None not in records
            lines = [self._line(each) for each in records if isinstance(each, logging.LogRecord)]
            try:
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()
            except (OSError, ValueError):
                # Nobody reads any more, or the stream is closed: there is nowhere to say so.
                self.dropped += len(lines)
            for each in records:
                if isinstance(each, threading.Event):
                    each.set()

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return self.format(record)
        except Exception as error:  # noqa: BLE001
            # A record of somebody else's that cannot be formatted must not end the log.
            return f"{record.name}: a line that cannot be written: {type(error).__name__}"


def configure(choice: str | None, stream: TextIO | None = None) -> LogWriter:
    """Write the whole process's log to a stream (standard error); return who writes it.

    What still waits when the process ends is written then, by the standard library's own way.
    `choice` is `json` or `text`; without one, a terminal gets text and everything else JSON.
    """
    output = stream or sys.stderr
    as_json = choice == "json" or (choice is None and not output.isatty())
    writer = LogWriter(output, JsonFormatter() if as_json else TextFormatter())
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(writer)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    # No format of ours shows them, and to ask for them takes a third of a record's time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    return writer


@lru_cache(4)
def _second(seconds: int) -> str:
    # Most lines are of the same second as the line before.
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def message_of(record: logging.LogRecord) -> str:
    """Return the words of a record; those of a request are its method, path and status."""
    facts = facts_of(record)
    if "method" in facts:
        return " ".join(str(facts[name]) for name in ("method", "path", "status", "outcome"))
    return record.getMessage()


def facts_of(record: logging.LogRecord) -> Mapping[str, object]:
    """Return the facts that a record carries beside its words."""
    facts: Mapping[str, object] = getattr(record, _FACTS, {})
    return facts


def tell(logger: logging.Logger, level: int, facts: Mapping[str, object]) -> None:
    """Log a record that is made of facts alone; nobody looks where in the program it was made."""
    if logger.isEnabledFor(level):
        record = logging.LogRecord(logger.name, level, __file__, 0, "", (), None)
        record.__dict__[_FACTS] = facts
        logger.handle(record)


def printable(text: str) -> str:
    """Return a text whose control characters, and whatever else cannot be seen, are escaped.

    >>> printable("a\\r\\n\\x1b[31mb")
    'a\\\\r\\\\n\\\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
