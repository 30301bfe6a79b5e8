"""A graph of any size: conferences, who took part, what they declared, its topics and evidence.

For what is measured, and for tests that need more than the record has. It is invented, and the
same on every machine: no random numbers, no clock.
"""

from collections.abc import Iterator
from itertools import chain, count, islice
from pathlib import Path

BASE = "https://w3id.org/dialogue/"
_DLG = f"{BASE}ontology#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DCTERMS = "http://purl.org/dc/terms/"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL = f"<{_SKOS}prefLabel>"
_TOPICS, _STATES, _PLACES = 150, 40, 120
_THEMES = "migration", "energy", "water", "transport", "culture", "health", "trade", "research"
_VERBS = "welcomed", "stressed", "recalled", "agreed on", "took note of", "underlined", "supported"
_ADVERBS = "broadly", "firmly", "jointly", "openly", "plainly"


def triples(n: int) -> Iterator[str]:
    """Yield the first `n` triples as lines of N-Triples, each another, each ended by a newline.

    What a smaller number gives is the beginning of what a larger one gives.
    """
    return islice(chain.from_iterable(map(_conference, count())), n)


def write(path: Path, n: int) -> Path:
    """Write the first `n` triples as a file of N-Triples and return it."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(triples(n))
    return path


def _id(kind: str, name: object) -> str:
    return f"<{BASE}id/{kind}/{name}>"


def _dlg(name: str) -> str:
    return f"<{_DLG}{name}>"


def _drawn(number: int, salt: int, among: int) -> int:
    """Return a number below `among` that looks drawn by lot."""
    mixed = (number * 2654435761 + salt * 40503 + 12345) & 0xFFFFFFFF
    mixed ^= mixed >> 15
    return (mixed * 2246822519 & 0xFFFFFFFF) % among


def _day(number: int) -> str:
    return f"{1950 + number % 75}-{1 + number // 75 % 12:02}-{1 + number % 27:02}"


def _named(node: str, kind: str, english: str, french: str) -> Iterator[str]:
    yield f"{node} {_TYPE} {_dlg(kind)} .\n"
    yield f'{node} {_LABEL} "{english}"@en .\n'
    yield f'{node} {_LABEL} "{french}"@fr .\n'


def _vocabulary(number: int) -> Iterator[str]:
    """Yield the topic, the state and the place that first appear with a conference."""
    if number < _TOPICS:
        topic, theme = _id("topic", number), _THEMES[number % len(_THEMES)]
        yield from _named(topic, "Topic", f"{theme} {number}", f"thème {theme} {number}")
        if number:
            yield f"{topic} <{_SKOS}broader> {_id('topic', (number - 1) // 3)} .\n"
    if number < _STATES:
        state = _id("state", number)
        yield from _named(state, "State", f"State {number}", f"État {number}")
    if number < _PLACES:
        place = _id("place", number)
        yield from _named(place, "City", f"City {number}", f"Ville {number}")
        yield f"{place} {_dlg('within')} {_id('state', number % min(number + 1, _STATES))} .\n"


def _conference(number: int) -> Iterator[str]:
    """Yield what there is about one conference: from 50 to 70 triples."""
    yield from _vocabulary(number)
    node, day = _id("conference", number), _day(number)
    yield from _named(node, "Conference", f"Conference {number}", f"Conférence {number}")
    yield f'{node} {_dlg("date")} "{day}"^^<http://id.loc.gov/datatypes/edtf/EDTF-level1> .\n'
    yield f'{node} {_dlg("begins")} "{day}"^^<{_XSD}date> .\n'
    yield f'{node} {_dlg("ordinal")} "{number + 1}"^^<{_XSD}integer> .\n'
    yield f"{node} {_dlg('place')} {_id('place', _drawn(number, 1, min(number + 1, _PLACES)))} .\n"
    topics = {_drawn(number, salt, min(number + 1, _TOPICS)) for salt in (2, 3, 4)}
    for topic in sorted(topics):
        yield f"{node} {_dlg('topic')} {_id('topic', topic)} .\n"
    if number:
        yield f"{node} {_dlg('followsUp')} {_id('conference', number - 1)} .\n"
    states = {_drawn(number, salt, min(number + 1, _STATES)) for salt in range(10, 15)}
    for state in sorted(states):
        part = _id("participation", f"{number}.{state}")
        yield f"{part} {_TYPE} {_dlg('Participation')} .\n"
        yield f"{part} {_dlg('event')} {node} .\n"
        yield f"{part} {_dlg('agent')} {_id('state', state)} .\n"
    yield from _declaration(number, node, day)
    yield from _evidence(number, node)


def _declaration(number: int, node: str, day: str) -> Iterator[str]:
    declaration = _id("document", number)
    yield from _named(declaration, "Declaration", f"Declaration {number}", f"Déclaration {number}")
    yield f"{declaration} {_dlg('adoptedAt')} {node} .\n"
    yield f'{declaration} <{_DCTERMS}issued> "{day}"^^<{_XSD}date> .\n'
    # Chains of five, so that a path over them stays bounded however large the graph is.
    if number % 5:
        yield f"{declaration} {_dlg('reaffirms')} {_id('document', number - 1)} .\n"


def _evidence(number: int, node: str) -> Iterator[str]:
    source = _id("source", number)
    yield from _named(source, "Source", f"Source {number}", f"Source n° {number}")
    for part in range(4):
        evidence = _id("evidence", f"{number}.{part}")
        theme = _THEMES[_drawn(number, 20 + part, len(_THEMES))]
        verb = _VERBS[_drawn(number, 30 + part, len(_VERBS))]
        adverb = _ADVERBS[_drawn(number, 40 + part, len(_ADVERBS))]
        quote = f"The ministers of session {number}.{part} {adverb} {verb} cooperation on {theme}"
        yield f"{evidence} {_TYPE} {_dlg('Evidence')} .\n"
        yield f"{evidence} {_dlg('about')} {node} .\n"
        yield f"{evidence} {_dlg('source')} {source} .\n"
        yield f"{evidence} {_dlg('stance')} {_dlg('accepted')} .\n"
        yield f'{evidence} {_dlg("quote")} "{quote}"@en .\n'
