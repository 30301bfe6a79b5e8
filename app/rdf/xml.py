"""Text as XML writes it.

The standard library has this too, and to load it there loads an HTTP client and a mail parser:
a twentieth of a second in each process of ours.
"""

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
