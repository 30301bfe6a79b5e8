"""What was answered lately, kept within a number of bytes."""

from collections import OrderedDict


class ByteCache:
    """Contents by the tags that determine them; the ones that were not asked for longest go first.

    One content may take an eighth of the room at most, so that none drives all others out.
    """

    def __init__(self, size: int) -> None:
        self._size, self._used = size, 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def get(self, tag: str) -> bytes | None:
        """Return the content with this tag, if it is here."""
        if (content := self._kept.get(tag)) is not None:
            self._kept.move_to_end(tag)
        return content

    def put(self, tag: str, content: bytes) -> None:
        """Keep a content, in the place of others if there is no room."""
        if len(content) * 8 > self._size or tag in self._kept:
            return
        self._kept[tag] = content
        self._used += len(content)
        while self._used > self._size:
            self._used -= len(self._kept.popitem(last=False)[1])
