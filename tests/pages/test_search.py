"""The search: which words count, and what it says of what it did not look at."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from shop import Shop, lay, serve
from website import BASE, Page, get, tidy

NAME = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
NAMES = {
    "whole": "Alpha Beta Gamma Delta Epsilon Zeta",
    "part": "Alpha Beta Gamma Delta Epsilon",
    **{f"many-{n:03}": f"one two three four five and {n}" for n in range(400)},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    quads = "".join(
        f'<{BASE}id/thing/{name}> {NAME} "{text}"@en .\n' for name, text in NAMES.items()
    )
    with serve(lay(tmp_path_factory.mktemp("search") / "release", quads)) as found:
        yield found


def found(shop: Shop, text: str) -> tuple[list[str], bool]:
    """Return the names of the things that a search finds, and whether these are all."""
    told = get(shop, f"search.json?q={quote(text)}").json()
    return [item["iri"].rpartition("/")[2] for item in told["items"]], told["complete"]


def test_every_word_counts_however_many_there_are(shop: Shop) -> None:
    assert found(shop, "alpha beta gamma delta epsilon") == (["part", "whole"], True)
    assert found(shop, "alpha beta gamma delta epsilon ZETA") == (["whole"], True)
    assert found(shop, "alpha beta gamma delta epsilon zeta eta omega") == ([], True)
    assert found(shop, "eps lta mma eta pha zet") == (["whole"], True)


def test_a_word_twice_is_one_and_a_long_text_is_not_cut_in_a_word(shop: Shop) -> None:
    assert found(shop, "alpha " * 40 + "zeta") == (["whole"], True)
    assert found(shop, "x" * 195 + " alphabet") == ([], True)


def test_what_was_not_searched_for_every_word_is_said(shop: Shop) -> None:
    names, complete = found(shop, "one two three four five")
    assert (len(names), complete) == (300, False)
    assert found(shop, "one two three four five 7") == (
        [name for name in names if "7" in name],
        False,
    )
    text = "one two three four five 399"
    assert found(shop, text) == ([], False)
    said = tidy(Page(get(shop, f"search?q={quote(text)}", "text/html").text).all("main")[0].text)
    assert "Nothing is named" not in said
    assert "Only the first 300 texts with “three four five one two” were searched" in said
    few = tidy(Page(get(shop, "search?q=one+399", "text/html").text).all("main")[0].text)
    assert "there may be more" not in few
