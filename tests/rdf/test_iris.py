"""References against a base: the examples of RFC 3986, and where they end."""

import pytest

from app.rdf.iris import is_relative, resolve

BASE = "http://a/b/c/d;p?q"
# RFC 3986 sections 5.4.1 and 5.4.2.
EXAMPLES = {
    "g:h": "g:h",
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s",
    "g#s": "http://a/b/c/g#s",
    "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x",
    "g;x": "http://a/b/c/g;x",
    "g;x?y#s": "http://a/b/c/g;x?y#s",
    "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../": "http://a/",
    "../../g": "http://a/g",
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "g..": "http://a/b/c/g..",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/./y": "http://a/b/c/g;x=1/y",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/./x": "http://a/b/c/g?y/./x",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/./x": "http://a/b/c/g#s/./x",
    "g#s/../x": "http://a/b/c/g#s/../x",
    "http:g": "http:g",
}


@pytest.mark.parametrize(("reference", "iri"), EXAMPLES.items())
def test_a_reference_resolves_as_the_rfc_shows(reference: str, iri: str) -> None:
    assert resolve(reference, BASE) == iri


def test_an_iri_with_a_scheme_stays_as_it_is_written() -> None:
    assert resolve("http://x/a/../b", BASE) == "http://x/a/../b"


def test_a_base_without_a_path_or_an_authority_still_serves() -> None:
    assert resolve("g", "http://a") == "http://a/g"
    assert resolve("g", "http://a?q") == "http://a/g"
    assert resolve("c", "urn:a:b") == "urn:c"
    assert resolve("#c", "urn:a:b#x") == "urn:a:b#c"


@pytest.mark.parametrize("reference", ["1a:b", ":b", "a b:c", "é:b"])
def test_a_colon_in_the_first_segment_is_no_scheme_and_no_path(reference: str) -> None:
    with pytest.raises(ValueError, match="stands in its first segment, and no scheme before it"):
        resolve(reference, BASE)


def test_a_path_never_turns_into_an_authority() -> None:
    with pytest.raises(ValueError, match="which starts an authority"):
        resolve("..//b", "a:/c/d")


def test_what_has_a_scheme_is_not_relative() -> None:
    assert [is_relative(r) for r in ("a:b", "A+1.-:", "a/b:c", "", "#", "//a", "1:a")] == [
        False,
        False,
        *[True] * 5,
    ]
