"""Whose turn it is: shares, rounds, and the lane of those that did harm."""

import pytest
from clock import Clock

from app.engine.lanes import (
    OWN_SHARE,
    SHARE,
    SUSPECT_SHARE,
    SUSPECTS,
    WAITING,
    Lanes,
    Turn,
)
from app.errors import Rejected

GOOD = "SELECT * { <a:a> <a:b> ?c }"
BAD = "SELECT * { ?a ?b ?c . ?d ?e ?f } # "


@pytest.fixture
def lanes() -> Lanes:
    return Lanes(Clock())


def turn(client: str, text: str = GOOD, *, own: bool = False) -> Turn:
    return Turn(client, text, 10.0, own=own)


def waits(lanes: Lanes, client: str, text: str = GOOD, *, own: bool = False) -> Turn:
    found = turn(client, text, own=own)
    lanes.judge(found)
    lanes.enter(found)
    return found


def refusal(lanes: Lanes, client: str, text: str = GOOD, *, own: bool = False) -> Rejected:
    with pytest.raises(Rejected) as refused:
        waits(lanes, client, text, own=own)
    return refused.value


def order(lanes: Lanes) -> str:
    """Return the clients in the order of their turns, where each turn ends before the next."""
    clients = []
    while (found := lanes.next()) is not None:
        lanes.started(found)
        lanes.ended(found)
        clients.append(found.client)
    assert lanes.waiting == 0
    return "".join(clients)


def strike(lanes: Lanes, client: str, text: str, times: int = 2) -> None:
    for number in range(times):
        lanes.blame(turn(client, f"{text} # {number}"))


def test_clients_take_turns_and_one_client_s_queries_stay_in_their_order(lanes: Lanes) -> None:
    mine = [waits(lanes, "a") for _ in range(3)]
    assert [lanes.next() for _ in range(4)] == [*mine, None]
    for client in "aaaabbc":
        waits(lanes, client)
    assert order(lanes) == "abcabaa"


def test_one_with_64_waiting_does_not_delay_one_with_one(lanes: Lanes) -> None:
    for _ in range(SHARE):
        waits(lanes, "a")
    for _ in range(3):
        first = lanes.next()
        assert first
        lanes.started(first)
    waits(lanes, "b")
    found = lanes.next()
    assert found
    assert found.client == "b"


def test_who_has_the_fewest_running_is_next(lanes: Lanes) -> None:
    for client in ("a", "a", "b"):
        lanes.started(turn(client))
    for client in "abc":
        waits(lanes, client)
    assert order(lanes) == "cba"


def test_a_client_above_its_share_is_refused_and_others_are_not(lanes: Lanes) -> None:
    for _ in range(SHARE):
        waits(lanes, "a")
    refused = refusal(lanes, "a")
    assert (refused.status, refused.kind) == (429, "too-many-requests")
    assert refused.headers == {"Retry-After": "2"}
    assert refused.detail == "64 of your queries wait already."
    waits(lanes, "b")
    assert (lanes.waiting, lanes.refused) == (SHARE + 1, 1)


def test_pages_wait_beside_the_queries_of_their_client(lanes: Lanes) -> None:
    for _ in range(SHARE):
        waits(lanes, "a")
    page = waits(lanes, "a", own=True)
    # One turn later than the query that came first.
    assert [lanes.next() is page for _ in range(2)] == [False, True]
    for _ in range(OWN_SHARE):
        waits(lanes, "a", own=True)
    assert refusal(lanes, "a", own=True).status == 429
    waits(lanes, "b", own=True)


def test_a_full_queue_makes_room_for_newcomers_at_the_cost_of_the_heaviest(lanes: Lanes) -> None:
    for number in range(WAITING // SHARE):
        for _ in range(SHARE):
            waits(lanes, f"{number}")
    assert lanes.waiting == WAITING
    newcomers = [waits(lanes, "new") for _ in range(10)]
    assert lanes.waiting == WAITING
    assert lanes.refused == 10
    assert all(newcomer in list(lanes) for newcomer in newcomers)
    assert refusal(lanes, "0").kind == "busy"


def test_a_queue_that_is_full_of_strangers_is_full(lanes: Lanes) -> None:
    for number in range(WAITING):
        waits(lanes, f"{number}")
    refused = refusal(lanes, "new")
    assert (refused.status, refused.kind) == (503, "busy")
    # Those who read pages wait beside them.
    waits(lanes, "new", own=True)


def test_the_program_itself_has_no_share_but_the_whole_queue(lanes: Lanes) -> None:
    for _ in range(WAITING):
        waits(lanes, "")
    assert refusal(lanes, "").kind == "busy"


def test_a_client_with_strikes_waits_in_the_suspects_lane_one_at_a_time(lanes: Lanes) -> None:
    strike(lanes, "bad", BAD)
    suspects = [waits(lanes, "bad") for _ in range(SUSPECT_SHARE)]
    assert all(suspect.suspect for suspect in suspects)
    refused = refusal(lanes, "bad")
    assert (refused.status, refused.kind) == (429, "too-many-requests")
    # 30 × log2(2 / 1.5)
    assert refused.headers == {"Retry-After": "13"}
    first = lanes.next()
    assert first is suspects[0]
    lanes.started(first)
    assert lanes.next() is None
    good = waits(lanes, "good")
    assert not good.suspect
    assert lanes.next() is good
    lanes.ended(first)
    assert lanes.next() is suspects[1]


def test_pages_of_a_client_with_strikes_are_nobody_s_suspects(lanes: Lanes) -> None:
    strike(lanes, "bad", BAD)
    assert not waits(lanes, "bad", own=True).suspect


def test_a_query_of_a_shape_with_strikes_is_suspect_from_any_address(lanes: Lanes) -> None:
    lanes.blame(turn("one", BAD + "1"))
    assert not waits(lanes, "two", BAD + "2").suspect
    lanes.blame(turn("two", BAD + "2"))
    assert waits(lanes, "three", BAD + "3").suspect
    assert not waits(lanes, "three", GOOD).suspect
    # Neither of them is suspect for anything else: each has one strike.
    assert not waits(lanes, "one", GOOD).suspect


def test_the_suspects_lane_is_bounded_for_all_together(lanes: Lanes) -> None:
    strike(lanes, "one", BAD)
    for number in range(SUSPECTS):
        waits(lanes, f"{number}", BAD)
    refused = refusal(lanes, "new", BAD)
    assert (refused.status, refused.headers) == (429, {"Retry-After": "13"})
    assert refused.detail.startswith("Queries like this one were stopped lately")
    assert not waits(lanes, "new", GOOD).suspect


def test_suspects_take_turns_among_themselves(lanes: Lanes) -> None:
    strike(lanes, "a", BAD)
    for client in "aaab":
        waits(lanes, client, BAD)
    assert order(lanes) == "abaa"


def test_all_suspects_together_have_the_turns_of_one_client(lanes: Lanes) -> None:
    strike(lanes, "x", BAD)
    for client in "gggh":
        waits(lanes, client)
    for client in "xyz":
        waits(lanes, client, BAD)
    assert order(lanes) == "ghxgygz"


def test_who_becomes_suspect_while_it_waits_is_moved_before_its_turn(lanes: Lanes) -> None:
    waiting = [waits(lanes, "bad", f"{BAD}{number}") for number in range(20)]
    good = waits(lanes, "good")
    strike(lanes, "bad", BAD)
    assert lanes.next() is good
    running = lanes.next()
    assert running is waiting[0]
    assert running.suspect
    lanes.started(running)
    assert lanes.next() is None
    assert lanes.waiting == SUSPECT_SHARE - 1
    assert lanes.refused == 20 - SUSPECT_SHARE


def test_quick_answers_clear_a_shape_of_suspicion(lanes: Lanes) -> None:
    strike(lanes, "one", GOOD)
    query = waits(lanes, "two", GOOD)
    assert query.suspect
    for _ in range(5):
        lanes.forgive(query)
    assert not waits(lanes, "two", GOOD).suspect
    # Whoever did it stays suspect for what it did.
    assert waits(lanes, "one", GOOD).suspect


def test_the_program_s_own_queries_get_no_strikes(lanes: Lanes) -> None:
    for _ in range(10):
        lanes.blame(turn("a", BAD, own=True))
    assert not waits(lanes, "a", BAD).suspect


def test_who_leaves_waits_no_longer(lanes: Lanes) -> None:
    strike(lanes, "bad", BAD)
    left = [waits(lanes, "good"), waits(lanes, "good", own=True), waits(lanes, "bad", BAD)]
    stays = waits(lanes, "good")
    for one in left:
        lanes.leave(one)
        lanes.leave(one)
    assert list(lanes) == [stays]
    assert order(lanes) == "good"
