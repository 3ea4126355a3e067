"""Who has to leave when one more comes and there is no room.

Turning the newcomer away would let a few silent strangers keep everyone out for as long as they like. So
somebody who keeps us waiting makes room: of the address that has the most connections, who never asked for
anything before who did, the oldest first. Who waits for us stays, unless everyone does: then one of an
address that has many gives way to one that has few, the newest first, since least was done for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Standing(IntEnum):
    """What a connection is doing, in the order in which connections leave."""

    NEVER_ASKED = auto()
    """Silent, in the middle of its first head, or of TLS's handshake."""
    BETWEEN_REQUESTS = auto()
    SENDING = auto()
    """Its request's body is not all here."""
    RECEIVING = auto()
    """Its answer is not all taken."""
    WORKED_FOR = auto()
    """It waits for us, and leaves last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A connection that is there.

    Attributes:
        leave: Ends it at once.
    """

    address: str
    standing: Standing
    leave: Callable[[], object]


def is_full(guests: Sequence[Guest], address: str, *, connections: int, connections_of_one: int) -> bool:
    """Say whether a newcomer from `address` is one too many, in all or for this address."""
    of_this = sum(guest.address == address for guest in guests)
    return len(guests) >= connections or of_this >= connections_of_one


def makes_room(guests: Sequence[Guest], address: str, *, connections_of_one: int) -> Guest | None:
    """Return who leaves for a newcomer from `address`, where it is full; None = nobody can.

    Args:
        guests: In the order in which they came.
        address: Where the newcomer comes from.
        connections_of_one: That there may be of one address.
    """
    amounts = Counter(guest.address for guest in guests)
    crowded = amounts[address] >= connections_of_one
    candidates = [
        guest
        for guest in guests
        if guest.standing is not Standing.WORKED_FOR
        # Who has many can't take the place of who has few.
        and (guest.address == address if crowded else amounts[guest.address] >= amounts[address])
    ]
    if candidates:
        # The first of equals is the oldest.
        return min(candidates, key=lambda guest: (-amounts[guest.address], guest.standing))
    most = max(guests, key=lambda guest: amounts[guest.address], default=None)
    if most is None or crowded or amounts[most.address] <= amounts[address] + 1:
        return None
    return next(guest for guest in reversed(guests) if guest.address == most.address)
