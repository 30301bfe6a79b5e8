"""The log: its formats, and that nobody waits for who reads it."""

import io
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.server import logs
from app.server.logs import JsonFormatter, LogWriter, TextFormatter, configure, printable, tell


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, which is as it was afterwards."""
    logger = logging.getLogger()
    before, level = list(logger.handlers), logger.level
    flags = logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    yield logger
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = flags
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    for handler in before:
        logger.addHandler(handler)
    logger.setLevel(level)
    logging.captureWarnings(False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def failed() -> logging.LogRecord:
    """Return the record of an error, whose words try to be a line of their own."""
    try:
        raise ValueError("inner\n\x1b[31m{}")
    except ValueError:
        error = sys.exc_info()
    return logging.LogRecord("a.b", logging.ERROR, "f.py", 1, "%s\r\nfailed", ("/x\x1b[2J",), error)


def test_an_error_is_one_line_of_json_with_its_traceback() -> None:
    text = JsonFormatter().format(failed())
    assert text.isprintable() and text.isascii()
    members = json.loads(text)
    assert members.keys() == {"time", "level", "logger", "message", "error"}
    assert (members["level"], members["logger"]) == ("error", "a.b")
    assert members["message"] == "/x\x1b[2J\r\nfailed"
    assert members["error"].endswith("ValueError: inner\n\x1b[31m{}")


def test_an_error_is_a_line_of_text_with_its_traceback_indented_below() -> None:
    first, *rest = TextFormatter().format(failed()).split("\n")
    assert first.endswith("ERROR   /x\\x1b[2J\\r\\nfailed")
    assert rest[0] == "    Traceback (most recent call last):"
    assert rest[-2:] == ["    ValueError: inner", "    \\x1b[31m{}"]
    assert all(line.startswith("    ") and line.isprintable() for line in rest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain – ok", "plain – ok"),
        ("a\tb", "a\\tb"),
        ("\u2028\u202e\x9b", "\\u2028\\u202e\\x9b"),
        ("\udcff", "\\udcff"),
    ],
    ids=range(4),
)
def test_what_cannot_be_seen_is_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("stream", "choice", "formatter"),
    [
        (io.StringIO, None, JsonFormatter),
        (Terminal, None, TextFormatter),
        (io.StringIO, "text", TextFormatter),
        (Terminal, "json", JsonFormatter),
    ],
)
def test_a_terminal_gets_text_and_all_else_json_unless_one_is_chosen(
    root: logging.Logger, stream: type[io.StringIO], choice: str | None, formatter: type
) -> None:
    output = stream()
    writer = configure(choice, output)
    assert root.handlers == [writer]
    assert type(writer.formatter) is formatter
    logging.getLogger("some.where").info("hello %s", "there")
    logging.getLogger("some.where").debug("not this")
    writer.close()
    (line,) = output.getvalue().splitlines()
    assert "hello there" in line


def test_what_waits_is_written_in_its_order_before_the_end(root: logging.Logger) -> None:
    output = io.StringIO()
    writer = configure("json", output)
    for number in range(3000):
        logging.getLogger("count").info("%d", number)
    writer.close()
    assert [json.loads(line)["message"] for line in output.getvalue().splitlines()] == [
        str(number) for number in range(3000)
    ]
    assert writer.dropped == 0


def test_a_line_that_cannot_be_written_is_told_and_ends_nothing(root: logging.Logger) -> None:
    output = io.StringIO()
    writer = configure("json", output)
    logging.getLogger("bad").info("%d", "no number")
    logging.getLogger("good").info("next")
    writer.close()
    first, second = output.getvalue().splitlines()
    assert first == "bad: a line that cannot be written: TypeError"
    assert json.loads(second)["message"] == "next"


def test_who_does_not_read_the_log_stops_nobody(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "WAITING", 100)
    monkeypatch.setattr(logs, "_END_SECONDS", 0.1)
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        writer = configure("json", stream)
        done = threading.Event()

        def tell() -> None:
            # More than the pipe, the thread and the queue can take.
            for _ in range(3000):
                logging.getLogger("flood").info("x" * 1000)
            done.set()

        threading.Thread(target=tell, daemon=True).start()
        assert done.wait(60), "a line waited for who reads the log"
        assert writer.dropped > 1000
        writer.close()
        # The pipe is read to its end, so that the thread can end as well.
        os.set_blocking(reading, False)
        for _ in range(3000):
            try:
                os.read(reading, 2**16)
            except BlockingIOError:
                if not writer._thread.is_alive():
                    break
                time.sleep(0.01)
    os.close(reading)


def test_a_reader_that_has_gone_is_no_error(root: logging.Logger) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", encoding="utf-8")
    writer = LogWriter(stream, JsonFormatter())
    writer.emit(logging.LogRecord("a", logging.INFO, "f", 1, "words", (), None))
    writer.close()
    assert writer.dropped == 1
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_warning_waits_for_no_other_line_and_takes_along_what_waits(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_GATHER_SECONDS", 600)
    output = io.StringIO()
    writer = configure("json", output)
    logging.getLogger("a").info("first")
    logging.getLogger("a").warning("second")
    for _ in range(3000):
        if output.getvalue().count("\n") == 2:
            break
        time.sleep(0.01)
    lines = output.getvalue().splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["first", "second"]
    # What is none stays until there is more to do, or until the end.
    logging.getLogger("a").info("third")
    time.sleep(0.1)
    assert len(output.getvalue().splitlines()) == 2
    writer.close()
    assert json.loads(output.getvalue().splitlines()[-1])["message"] == "third"


def test_what_waits_is_written_before_something_else_follows(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_GATHER_SECONDS", 600)
    output = io.StringIO()
    writer = configure("json", output)
    for number in range(600):
        logging.getLogger("a").info("%d", number)
    writer.settle()
    output.write("the last word")
    assert output.getvalue().count("\n") == 600
    writer.close()
    assert output.getvalue().endswith("}\nthe last word")


def test_facts_are_members_of_the_line(root: logging.Logger) -> None:
    output = io.StringIO()
    writer = configure("json", output)
    tell(logging.getLogger("a"), logging.INFO, {"size": 3, "path": Path("a/b")})
    tell(logging.getLogger("a"), logging.DEBUG, {"size": 4})
    writer.close()
    (line,) = output.getvalue().splitlines()
    members = json.loads(line)
    del members["time"]
    expected = {"level": "info", "logger": "a", "message": "", "size": 3, "path": "a/b"}
    assert members == expected
