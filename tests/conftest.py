"""What every test may ask for."""

from pathlib import Path

import pytest
import suites as w3c


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of the W3C suites; without it, the test is skipped and says why."""
    reason = w3c.missing()
    if reason:
        pytest.skip(reason)
    return w3c.folder()
