"""The settings: each is read by somebody, and a wrong one stops the start with one line."""

import re
from pathlib import Path

import pytest

from app.errors import Fault
from app.settings import Settings, load

APP = Path(__file__).resolve().parent.parent / "app"


def unread(names: set[str], texts: list[str]) -> set[str]:
    """Return the settings that no text reads."""
    patterns = {name: rf"(settings|chosen|load\(\))\.{name}\b" for name in names}
    return {n for n, p in patterns.items() if not any(re.search(p, text) for text in texts)}


def test_every_setting_is_read() -> None:
    modules = [p for p in APP.rglob("*.py") if p.name != "settings.py"]
    texts = [p.read_text(encoding="utf-8") for p in modules]
    assert unread(set(Settings.model_fields), texts) == set()


def test_a_setting_that_is_not_read_is_seen() -> None:
    assert unread({"workers", "spare"}, ["f(settings.workers)", "settings.spares"]) == {"spare"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WORKERS", "0", "greater than or equal to 1"),
        ("BASE", "w3id.org/dialogue", "must be an http or https address that ends with /"),
        ("WORKER_MEMORY", "much", "could not parse value and unit"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"DIALOGUE_{name}", value)
    with pytest.raises(Fault) as fault:
        load()
    assert str(fault.value).startswith(f"DIALOGUE_{name}: ")
    assert words in str(fault.value)
    assert "\n" not in str(fault.value)


def test_what_is_chosen_wins_over_the_environment_and_none_is_no_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DIALOGUE_WORKERS", "3")
    assert load(workers=5).workers == 5
    assert load(workers=None).workers == 3
