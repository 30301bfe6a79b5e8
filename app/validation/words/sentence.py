"""One result about to be put into words."""

from collections.abc import Callable
from functools import cached_property

from app.namespaces import SH
from app.rdf.terms import Term
from app.validation.engines.base import Result
from app.validation.paths import InversePath
from app.validation.words.demands import Demands
from app.validation.words.naming import Fields, Naming


class Speaker:
    """What the sentences of components have in common: the fields that a result fills."""

    def __init__(self, naming: Naming, demands: Demands, result: Result) -> None:
        self.naming, self.demands, self.result = naming, demands, result

    def say(self, key: str, count: int | None = None, /, **fields: str) -> str:
        """Return a message with the fields of the result and with those given."""
        return self.naming.catalogue.text(key, Fields(self._fields, **fields), count)

    @cached_property
    def _fields(self) -> dict[str, Callable[[], str]]:
        naming, result = self.naming, self.result
        value = result.focus if result.value is None else result.value
        # A query may name a property with the focus node itself as what is at fault.
        itself = value == result.focus and value not in naming.values(value, result.path)
        path = None if itself or result.value is None else result.path
        return {
            "Focus": lambda: naming.focus(result.focus, start=True),
            "Subject": lambda: naming.value(value, path, result.shape, result.focus),
            "path": lambda: self.path,
            "value": lambda: naming.term(value),
            "sort": lambda: naming.sort(value),
        }

    @property
    def path(self) -> str:
        """The path of the result in words; of an inverse one, the property that leads here."""
        path = self.result.path
        if path is None:
            return ""
        inner = path.path if self.is_inverse and isinstance(path, InversePath) else path
        return self.naming.path(inner, self.result.shape)

    @property
    def is_inverse(self) -> bool:
        """Whether the values are what leads to the focus node, and have no word."""
        return self.naming.is_inverse(self.result.path, self.result.shape)

    def parameter(self, name: str) -> Term | None:
        """Return the value of a parameter of the constraint, None where it has none."""
        return next((v for p, v in self.result.parameters if p == SH[name]), None)
