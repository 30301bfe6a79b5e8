"""What of an address's query tells its answers apart: the parameters that the address reads."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_plus

Parameters = tuple[re.Pattern[str], frozenset[str]]


class QueryKeys:
    """Keys for the queries of addresses; `known` has the parameters that each kind of them reads.

    The first whose pattern fits a path counts. Of an address that none fits, all of the query does.
    """

    def __init__(self, known: Iterable[Parameters] = ()) -> None:
        self._known: Sequence[Parameters] = list(known)

    def key(self, path: str, query: bytes) -> bytes:
        """Return the same for the queries of a path that nobody answers in another way.

        These differ in parameters alone that it does not read. That there are such is in the key:
        an address may refuse them.
        """
        if not query:
            return query
        for pattern, names in self._known:
            if pattern.match(path):
                pairs = query.split(b"&")
                read = [pair for pair in pairs if _name(pair) in names]
                return b"&".join(read) + (b"&\0" if len(read) < len(pairs) else b"")
        return query


def _name(pair: bytes) -> str:
    return unquote_plus(pair.partition(b"=")[0].decode("latin-1"))
