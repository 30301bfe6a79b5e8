"""Queries in other words, where the engine then says what the specification does.

What is put in is an identity of SPARQL 1.1: an engine that follows it gives the same answer.
"""

from app.engine.analysis import tokens

_CONCAT = "GROUP_CONCAT"


def rewrite(text: str) -> str:
    """Return a query as the engine has to be asked; most stay as they are."""
    upper = text.upper()
    if _CONCAT in upper:
        text = without_language(text)
    if "GRAPH" in upper and "VALUES" in upper:
        text = with_graphs(text)
    return text


def without_language(text: str) -> str:
    """Return a query in which each GROUP_CONCAT is the argument of STR.

    Its value is a simple literal (section 18.5.1.7), and the engine keeps a language that all
    strings share. STR of it is the same, and stands wherever an aggregate may.

    >>> without_language("SELECT (group_concat(DISTINCT ?x; separator=')') AS ?y) {}")
    "SELECT (STR(group_concat(DISTINCT ?x; separator=')')) AS ?y) {}"
    """
    pieces: list[str] = []
    done = depth = 0
    ends: list[int] = []
    called: int | None = None
    for place, group, written in tokens(text):
        if group == "mark" and written == "(":
            if called is not None:
                pieces += text[done:called], "STR("
                done = called
                ends.append(depth)
            depth += 1
        elif group == "mark" and written == ")":
            depth -= 1
            if ends[-1:] == [depth]:
                ends.pop()
                pieces += text[done : place + 1], ")"
                done = place + 1
        called = place if group == "word" and written.upper() == _CONCAT else None
    return "".join((*pieces, text[done:]))


def with_graphs(text: str) -> str:
    """Return a query in which each `GRAPH ?g` of nothing but VALUES is joined with all graphs.

    Its rows are those of each graph (section 18.6), and the engine binds `?g` where it matches a
    triple. A group that matches some needs no such join, which would cost it a look at all graphs.

    >>> with_graphs("SELECT * { GRAPH ?g { VALUES ?x { 1 } } }")
    'SELECT * { GRAPH ?g {} GRAPH ?g { VALUES ?x { 1 } } }'
    """
    words = [*tokens(text)]
    pieces: list[str] = []
    done = 0
    for at, (place, group, written) in enumerate(words):
        if group != "word" or written.upper() != "GRAPH" or not _is_of_values(words, at + 1):
            continue
        pieces += text[done:place], f"GRAPH {words[at + 1][2]} {{}} "
        done = place
    return "".join((*pieces, text[done:]))


def _is_of_values(words: list[tuple[int, str, str]], at: int) -> bool:
    """Return whether a variable stands here, and a group after it that has VALUES alone."""
    if [word[1] for word in words[at : at + 2]] != ["variable", "mark"]:
        return False
    depth, some, within = 0, False, False
    for index in range(at + 1, len(words)):
        _, group, written = words[index]
        if group == "mark" and written == "{":
            depth += 1
        elif group == "mark" and written == "}":
            depth -= 1
            within = within and depth > 1
        elif depth == 1 and group == "word" and written.upper() == "VALUES":
            some = within = True
        elif (depth <= 1 and not within) or (group == "word" and written.upper() == "GRAPH"):
            # The second is no data: so that no text is looked through twice.
            return False
        if depth == 0:
            return some
    return False
