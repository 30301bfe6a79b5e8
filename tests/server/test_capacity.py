"""Whether a release fits into memory."""

from app.server import capacity
from app.settings import load


def test_a_release_fits_where_all_its_processes_take_half_of_the_memory() -> None:
    settings = load(workers=2)
    # Two workers, the spare one and the loader.
    most = capacity.memory() // 2 // 4 // 600
    assert capacity.fits(most, settings)
    assert not capacity.fits(most + 2, settings)
    assert not capacity.fits(most, load(workers=3))


def test_the_memory_is_no_more_than_the_machine_has() -> None:
    assert 2**26 < capacity.memory() < 2**50
