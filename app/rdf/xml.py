"""Text as XML writes it.

The standard library has some of it too, and to load it there loads an HTTP client and a mail
parser: a twentieth of a second in each process of ours. Its parser of XML gives names as
namespace, local name and prefix, parted by spaces.
"""

from collections.abc import Sequence

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)


def escape(text: str) -> str:
    """Return a text as the content of an element.

    >>> escape("a < b & c")
    'a &lt; b &amp; c'
    """
    return text.translate(_TEXT)


def quoteattr(text: str) -> str:
    """Return a text as the value of an attribute, in its quotation marks.

    >>> print(quoteattr("a\\n<b>"), quoteattr('"'), quoteattr("'\\""))
    "a&#10;&lt;b&gt;" '"' "'&quot;"
    """
    value = text.translate(_ATTRIBUTE)
    if '"' not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    return '"' + value.replace('"', "&quot;") + '"'


class Namespaces:
    """The prefixes that hold at a place of a text, from the events of its XML parser."""

    def __init__(self) -> None:
        # The outermost first; `_own` are those of the tag that comes next.
        self._declared: list[tuple[str, str]] = []
        self._own: list[tuple[str, str]] = []

    def declare(self, prefix: str | None, space: str | None) -> None:
        """Note that a prefix is declared; called by the XML parser before the tag."""
        self._own.append((prefix or "", space or ""))
        self._declared.append(self._own[-1])

    def leave(self, prefix: str | None) -> None:
        """Note that what was declared last holds no more; called by the XML parser."""
        self._declared.pop()

    def enter(self) -> dict[str, str]:
        """Return what the tag declares that begins now."""
        own, self._own = dict(self._own), []
        return own

    def tag(
        self, name: str, attributes: Sequence[str], own: dict[str, str], *, outermost: bool
    ) -> str:
        """Return a tag as the quick parser writes it; `own` is what it declares.

        The outermost tag of a literal declares everything that holds where the literal stands.
        """
        holding: dict[str, str] = {}
        for prefix, space in self._declared if outermost else ():
            holding.pop(prefix, None)
            # What takes the default namespace away says nothing outside the text.
            if prefix not in own and (prefix or space):
                holding[prefix] = space
        names = map(written, attributes[::2])
        pairs = (*_declarations(own), *zip(names, attributes[1::2], strict=True))
        members = (f" {n}={quoteattr(v)}" for n, v in (*pairs, *_declarations(holding)))
        return f"<{written(name)}{''.join(members)}>"


def _declarations(spaces: dict[str, str]) -> list[tuple[str, str]]:
    return [(f"xmlns:{prefix}" if prefix else "xmlns", space) for prefix, space in spaces.items()]


def expanded(name: str) -> str:
    """Return a name without its prefix.

    >>> expanded("http://e/ a e"), expanded("http://e/ a"), expanded("a")
    ('http://e/ a', 'http://e/ a', 'a')
    """
    return " ".join(name.split(" ")[:2])


def written(name: str) -> str:
    """Return a name as the text has it.

    >>> written("http://e/ a e"), written("http://e/ a"), written("a")
    ('e:a', 'a', 'a')
    """
    parts = name.split(" ")
    return f"{parts[2]}:{parts[1]}" if len(parts) > 2 else parts[-1]
