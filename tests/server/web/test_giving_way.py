from __future__ import annotations

import pytest

from imageserver.web.giving_way import Guest, Standing, is_full, makes_room

NEVER, BETWEEN, SENDING, RECEIVING, WORKED_FOR = Standing


def guest(address: str, standing: Standing = NEVER) -> Guest:
    return Guest(address=address, standing=standing, leave=lambda: None)


def who_leaves(guests: list[Guest], address: str, *, of_one: int = 10) -> int | None:
    leaving = makes_room(guests, address, connections_of_one=of_one)
    return None if leaving is None else next(at for at, one in enumerate(guests) if one is leaving)


def test_it_is_full_in_all_or_for_one_address() -> None:
    guests = [guest("a"), guest("a"), guest("b")]
    assert is_full(guests, "c", connections=3, connections_of_one=3)
    assert is_full(guests, "a", connections=9, connections_of_one=2)
    assert not is_full(guests, "b", connections=4, connections_of_one=2)


def test_the_address_with_the_most_connections_makes_room() -> None:
    assert who_leaves([guest("a"), guest("b"), guest("b")], "c") == 1


def test_the_oldest_of_equals_leaves() -> None:
    assert who_leaves([guest("a"), guest("b"), guest("c")], "d") == 0


@pytest.mark.parametrize(
    ("stays", "leaves"),
    [(BETWEEN, NEVER), (SENDING, BETWEEN), (RECEIVING, SENDING), (WORKED_FOR, RECEIVING)],
)
def test_who_keeps_us_waiting_longer_leaves_first(stays: Standing, leaves: Standing) -> None:
    assert who_leaves([guest("a", stays), guest("a", leaves)], "b") == 1


def test_who_waits_for_us_stays_where_each_has_one_or_the_newcomer_has_as_many() -> None:
    assert who_leaves([guest("a", WORKED_FOR), guest("b", WORKED_FOR)], "c") is None
    assert who_leaves([guest("a", WORKED_FOR), guest("a", WORKED_FOR), guest("b", WORKED_FOR)], "b") is None
    assert who_leaves([guest("a", WORKED_FOR), guest("a", WORKED_FOR)], "a", of_one=2) is None


def test_where_all_wait_for_us_the_newest_of_who_has_many_leaves_for_who_has_few() -> None:
    guests = [guest("a", WORKED_FOR), *[guest("b", WORKED_FOR)] * 2, guest("c", WORKED_FOR)]
    guests = [guest(one.address, one.standing) for one in guests]
    assert who_leaves(guests, "d") == 2


def test_another_address_makes_room_where_the_largest_can_not() -> None:
    assert who_leaves([guest("a", WORKED_FOR), guest("a", WORKED_FOR), guest("b")], "c") == 2


def test_an_address_that_has_many_takes_no_place_of_one_that_has_few() -> None:
    assert who_leaves([guest("a"), guest("b", WORKED_FOR), guest("b", WORKED_FOR)], "b") is None


def test_an_address_at_its_own_limit_makes_room_itself() -> None:
    guests = [guest("b"), guest("b"), guest("b"), guest("a"), guest("a")]
    assert who_leaves(guests, "a", of_one=2) == 3
