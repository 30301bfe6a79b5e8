"""What every test may ask for."""

from pathlib import Path

import pytest
import suites as w3c
from hypothesis import settings

# A slow machine is no fault of the program: what must be quick is measured where it is promised.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of the W3C suites; without it, the test is skipped and says why."""
    reason = w3c.missing()
    if reason:
        pytest.skip(reason)
    return w3c.folder()
