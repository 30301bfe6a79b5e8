"""What goes wrong, and who can mend it.

`Fault` is for people who run a command: one line that names the place and the remedy.
`Rejected` is for clients of the server: a problem document (RFC 9457). Anything else that is
raised is a bug of ours.
"""

from collections.abc import Mapping


class Fault(Exception):
    """The input of a command cannot be worked on; the message is one line for its user."""


class ParseFault(Fault):
    """A text breaks the grammar of its format, at a known place.

    `line` and `column` count from 1, in characters; `path` names the file as its user gave it.
    """

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {message}")
        self.path, self.line, self.column, self.message = path, line, column, message


class Rejected(Exception):
    """The caller can mend this: `status`, `kind` and the message are sent to them.

    `kind` is the stable last part of the problem's `type`; `members` are its further members,
    `headers` the further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.members, self.headers = dict(members or {}), dict(headers or {})
