"""Messages in one language: templates with named fields and plural forms."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_FIELD = re.compile(r"\{(\w+)\}")

Template = str | Mapping[str, str]
"""One text, or one for each form of a number: “=0” and “=1” for that number itself, else the
categories of plurals that the language has."""


@dataclass(frozen=True)
class Catalogue:
    """The messages of a language.

    `plural` names the category of a number, such as `one` or `other`.
    Source: Unicode Technical Standard 35, part 3, section 5 (plural rules).
    """

    language: str
    messages: Mapping[str, Template]
    plural: Callable[[int], str]

    def text(self, key: str, fields: Mapping[str, str], count: int | None = None) -> str:
        """Return a message with its fields filled; `count` chooses the form, and is a field.

        Raises KeyError for a message or a field that there is not.
        """
        template = self.messages[key]
        if not isinstance(template, str):
            if count is None:
                raise KeyError(f"{key} needs a number")
            exact = template.get(f"={count}")
            template = template[self.plural(count)] if exact is None else exact

        def fill(field: re.Match[str]) -> str:
            return f"{count}" if field[1] == "count" and count is not None else fields[field[1]]

        return _FIELD.sub(fill, template)

    def has(self, key: str) -> bool:
        """Return whether there is a message."""
        return key in self.messages

    def joined(self, word: str, phrases: Sequence[str]) -> str:
        """Return phrases in a row; `word` is what stands before the last: or, and, comma.

        >>> rows = {"join.or": " or ", "join.comma": ", "}
        >>> Catalogue("en", rows, str).joined("or", ["a", "b", "c"])
        'a, b or c'
        """
        if len(phrases) < 2:
            return "".join(phrases)
        start = self.text("join.comma", {}).join(phrases[:-1])
        return start + self.text(f"join.{word}", {}) + phrases[-1]
