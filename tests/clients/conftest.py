"""The servers that clients are tried on."""

from collections.abc import Iterator

import pytest
import truth
from shop import Shop, lay, serve
from website import release


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server of the data that clients find hard, under its own address."""
    folder = lay(tmp_path_factory.mktemp("clients"), truth.QUADS)
    with serve(folder, DIALOGUE_PUBLIC_URL=None) as found:
        yield found


@pytest.fixture(scope="module")
def endpoint(shop: Shop) -> str:
    """The address of the endpoint."""
    return f"{shop.url}sparql"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server of the small record, under its own address."""
    with serve(release(tmp_path_factory.mktemp("record")), DIALOGUE_PUBLIC_URL=None) as found:
        yield found
