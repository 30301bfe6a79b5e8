"""What every test may ask for."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import suites as w3c
from hypothesis import settings

# A slow machine is no fault of the program: what must be quick is measured where it is promised.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """Keep what servers keep between two starts out of the user's cache, for the whole run."""
    if "DIALOGUE_CACHE_DIR" in os.environ:
        return (yield)
    with tempfile.TemporaryDirectory(prefix="dialogue-tests-") as folder:
        os.environ["DIALOGUE_CACHE_DIR"] = folder
        return (yield)


def pytest_configure() -> None:
    """Speak the computer's own language, and refuse a run that would skip what it was to try.

    A green run that tried nothing is a bug.
    """
    # Messages are in the language of whoever reads them: here, of nobody.
    os.environ["LC_ALL"] = "C.UTF-8"
    if reason := w3c.refusal():
        raise pytest.UsageError(reason)


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of the W3C suites; without it, the test is skipped and says why."""
    reason = w3c.missing()
    if reason:
        pytest.skip(reason)
    return w3c.folder()
