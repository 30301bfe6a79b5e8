"""What goes wrong, and who can mend it.

`Fault` is for people who run a command: one line that names the place and the remedy.
`Rejected` is for clients of the server: a problem document (RFC 9457). Anything else that is
raised is a bug of ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class Fault(Exception):
    """The input of a command cannot be worked on; the message is one line for its user."""


class NothingChecked(Fault):
    """Shapes have targets and still nothing was run: they conform, which is no success."""


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

    def to_json(self) -> dict[str, object]:
        """Return the problem as JSON, for the way from a worker; its headers stay behind."""
        return {
            "status": self.status,
            "kind": self.kind,
            "detail": self.detail,
            "members": self.members,
        }

    @property
    def passing(self) -> bool:
        """Whether somebody else, or somebody later, may be answered who asks the same.

        A query that takes too long takes too long for everybody who has no more time for it.
        """
        return self.status == 429 or (self.status == 503 and not self.timed_out)

    @property
    def timed_out(self) -> bool:
        """Whether the time of who asked was up before there was an answer."""
        return self.kind == "query-timeout"

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Rejected":
        """Return the problem that `to_json` wrote."""
        return cls(value["status"], value["kind"], value["detail"], members=value["members"])


# A constructor for each kind of problem, the only places that name them.


def address_too_long(limit: int) -> Rejected:
    """Return the refusal of an address of more than `limit` bytes."""
    detail = f"An address may have {limit} bytes; send a longer query by POST."
    return Rejected(414, "address-too-long", detail)


def body_too_large(limit: int) -> Rejected:
    """Return the refusal of a body of more than `limit` bytes."""
    return Rejected(413, "body-too-large", f"A query may have {limit} bytes.")


def busy(reason: str) -> Rejected:
    """Return the refusal of a query for which there is no worker."""
    return Rejected(503, "busy", f"{reason} Try again.", headers={"Retry-After": "2"})


def charset_unsupported(status: int, detail: str) -> Rejected:
    """Return the refusal of a text that is not UTF-8."""
    return Rejected(status, "charset-unsupported", detail)


def coding_unsupported() -> Rejected:
    """Return the refusal of a body that is compressed."""
    detail = "Send the body without a content coding."
    return Rejected(415, "coding-unsupported", detail, headers={"Accept-Encoding": "identity"})


def federation_disabled() -> Rejected:
    """Return the refusal of a query that would leave the machine."""
    return Rejected(
        403,
        "federation-disabled",
        "SERVICE is off: a query is answered from this dataset alone, and nothing leaves this "
        "machine.",
    )


def graph_unknown(name: str) -> Rejected:
    """Return the answer to who asks for a graph that the dataset does not hold."""
    detail = f"The dataset has no graph <{name}>; nothing is fetched from elsewhere."
    return Rejected(404, "graph-unknown", detail, members={"graph": name})


def head_too_large(detail: str) -> Rejected:
    """Return the refusal of a request whose head is longer than it may be."""
    return Rejected(431, "head-too-large", detail)


def http_version() -> Rejected:
    """Return the refusal of an answer by HTTP/1.0 whose length cannot be known beforehand."""
    detail = "The answer is longer than what waits for HTTP/1.0; ask again by HTTP/1.1."
    return Rejected(505, "http-version", detail)


def internal() -> Rejected:
    """Return what a client is told of a bug of ours."""
    return Rejected(500, "internal", "The mistake is ours, and has been noted.")


def media_type_unsupported(detail: str, accepted: Sequence[str]) -> Rejected:
    """Return the refusal of a body of a type that is none of `accepted`."""
    headers = {
        "Accept-Post": ", ".join(accepted),
        "Accept-Query": ", ".join(f'"{media}"' for media in accepted),
    }
    members = {"accepted": list(accepted)}
    return Rejected(415, "media-type-unsupported", detail, members=members, headers=headers)


def method_not_allowed(headers: Mapping[str, str] | None = None) -> Rejected:
    """Return the refusal of a method; the header Allow lists those that are allowed."""
    detail = "This address does not answer to that method; Allow lists those it answers to."
    return Rejected(405, "method-not-allowed", detail, headers=headers)


def metrics_private() -> Rejected:
    """Return the refusal to show the server's figures to just anybody."""
    detail = "The figures are shown to the addresses that DIALOGUE_METRICS_FROM names."
    return Rejected(403, "metrics-private", detail)


def not_acceptable(offered: Sequence[str], what: str = "") -> Rejected:
    """Return the refusal of a request that accepts none of the types that are `offered`.

    `what` says of what kind the answer is, where that decides what can be offered.
    """
    listed = ", ".join(offered)
    detail = f"The answer is {what}; it can be had as {listed}." if what else ""
    return Rejected(
        406,
        "not-acceptable",
        detail or f"This address offers {listed}.",
        members={"offered": list(offered)},
        headers={"Vary": "Accept"},
    )


def not_expressible(detail: str, offered: Sequence[str] = ()) -> Rejected:
    """Return the refusal to write in a format what it has no way to say."""
    members = {"offered": list(offered)} if offered else {}
    headers = {"Vary": "Accept"}
    return Rejected(406, "not-expressible", detail, members=members, headers=headers)


def not_found(detail: str = "Nothing has this address.") -> Rejected:
    """Return the answer where there is nothing."""
    return Rejected(404, "not-found", detail)


def not_implemented(detail: str) -> Rejected:
    """Return the refusal of a method or a transfer coding that nothing here knows."""
    return Rejected(501, "not-implemented", detail)


def not_ready(detail: str) -> Rejected:
    """Return the answer of a server that starts."""
    return Rejected(503, "not-ready", detail, headers={"Retry-After": "2"})


def parameter_repeated(name: str) -> Rejected:
    """Return the refusal of a parameter that is given twice."""
    return Rejected(400, "parameter-repeated", f"“{name}” is given more than once.")


def parameters_wrong(detail: str) -> Rejected:
    """Return the refusal of a parameter that `detail` names."""
    return Rejected(400, "parameters", detail)


def precondition_failed(detail: str) -> Rejected:
    """Return the refusal of a request whose condition, which `detail` names, is not met."""
    return Rejected(412, "precondition-failed", detail)


def protocol_version() -> Rejected:
    """Return the refusal of a version of HTTP that is not spoken here."""
    return Rejected(505, "protocol-version", "Ask by HTTP/1.1 or HTTP/1.0.")


def query_crashed() -> Rejected:
    """Return the answer to a query whose process ended."""
    return Rejected(
        500,
        "query-crashed",
        "The query ended the process that ran it; most often it nests too deeply. Other queries "
        "are not affected.",
    )


def query_evicted() -> Rejected:
    """Return the answer to a long query that was stopped since others waited."""
    return Rejected(
        503,
        "busy",
        "The server was busy: the query ran for long while others waited, and was stopped to make "
        "room. Ask for less at a time, or try again later.",
        headers={"Retry-After": "5"},
    )


def query_failed(detail: str = "The query could not be evaluated.") -> Rejected:
    """Return the answer to a query that is well-formed and cannot be evaluated."""
    return Rejected(400, "query-failed", detail)


def query_malformed(
    what: str = "", line: int = 0, column: int = 0, expected: Sequence[str] = ()
) -> Rejected:
    """Return the refusal of a query that is no SPARQL, at a line and column from 1 where known."""
    if not line:
        return Rejected(400, "query-malformed", "The query is not well-formed SPARQL 1.1.")
    members = {"line": line, "column": column, "expected": list(expected)}
    detail = f"Line {line}, column {column}: {what}."
    return Rejected(400, "query-malformed", detail, members=members)


def query_memory() -> Rejected:
    """Return the answer to a query that needs more memory than it may have."""
    return Rejected(
        507,
        "query-memory",
        "The query needed more memory than one query may take. Ask for less at a time: a narrower "
        "pattern, a LIMIT, or no ORDER BY, DISTINCT or GROUP BY over everything.",
    )


def query_missing() -> Rejected:
    """Return the refusal of a body without a query."""
    detail = "The body has no parameter “query”."
    hint = "A query that is the whole body has the type application/sparql-query."
    return Rejected(400, "query-missing", f"{detail} {hint}")


def query_timeout(seconds: float) -> Rejected:
    """Return the answer to a query that was stopped after so many seconds."""
    return Rejected(
        503,
        "query-timeout",
        f"The query was stopped after {seconds:g} seconds. Ask for less at a time: a narrower "
        "pattern, or a LIMIT.",
        members={"seconds": seconds},
        headers={"Retry-After": str(round(seconds) or 1)},
    )


def range_not_satisfiable(size: int) -> Rejected:
    """Return the answer to who asks for parts of a file that has `size` bytes and none of them."""
    detail = f"The file has {size} bytes, and none of the parts that Range asks for."
    headers = {"Content-Range": f"bytes */{size}"}
    return Rejected(416, "range-not-satisfiable", detail, members={"bytes": size}, headers=headers)


def request_malformed(detail: str) -> Rejected:
    """Return the refusal of what is no request of HTTP, or one that can be read in two ways."""
    return Rejected(400, "request-malformed", detail)


def request_timeout() -> Rejected:
    """Return the answer to a request that did not arrive in time."""
    return Rejected(408, "request-timeout", "The request took too long to arrive.")


def stopping() -> Rejected:
    """Return the answer of a server that stops."""
    return Rejected(503, "stopping", "The server is stopping.", headers={"Retry-After": "5"})


def too_many_requests(detail: str, seconds: int) -> Rejected:
    """Return the refusal of a client that asks for more than its share; it may in `seconds`."""
    return Rejected(429, "too-many-requests", detail, headers={"Retry-After": str(seconds)})


def updates_disabled(detail: str) -> Rejected:
    """Return the refusal to change the data."""
    return Rejected(403, "updates-disabled", detail)


def version_unknown(version: str, versions: Sequence[str]) -> Rejected:
    """Return the answer to who asks for a release that does not lie here; `versions` do."""
    listed = ", ".join(versions) or "none"
    detail = f"Release {version} does not lie here; these do: {listed}."
    members = {"version": version, "versions": list(versions)}
    return Rejected(404, "version-unknown", detail, members=members)
