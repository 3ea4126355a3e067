"""From a picture's bytes to a picture that is kept, however long the disk takes none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..exceptions import NoMemoryError, PictureError, StateError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..models import Generation, Picture
    from ..problems import Problems
    from ..store.store import Store
    from ..timing.clock import Clock

RETRY = 10.0
"""Seconds between attempts to store a picture while the disk does not take it."""

PROBLEM = "picture_unstored"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a picture is: in the store, or where it cost nothing, only held to be shown once."""

    picture: Picture | None = None
    passing: str | None = None


class Keeping:
    """Stores what providers make; what is paid for is held until it is stored."""

    def __init__(self, *, store: Store, clock: Clock, problems: Problems) -> None:
        self._store = store
        self._clock = clock
        self._problems = problems
        self._waiting: dict[str, bool] = {}

    def refusal(self) -> str | None:
        """Say why nothing should be paid for now; None where nothing stands against it."""
        if self._waiting:
            return "a new picture could not be stored, and waits for that"
        return self._away()

    def _away(self) -> str | None:
        away = self._store.away()
        return None if away is None else f"its picture could not be stored: {away}"

    async def show_once(self, image: bytes) -> Kept:
        """Hold a picture only for being shown.

        Raises:
            PictureError, NoMemoryError: It can't be shown.
        """
        return Kept(passing=await self._store.add_passing(image))

    async def keep(
        self,
        generation: Generation,
        image: bytes,
        *,
        paid: bool,
        is_safe: bool,
        on_waiting: Callable[[str | None], None],
    ) -> Kept:
        """Store a picture.

        Args:
            generation: Whose it is.
            image: As it came.
            paid: It is stored whenever that can be; what cost nothing is else only shown.
            is_safe: It outlives the process, here or at its provider.
            on_waiting: Is told once that it waits, and under which name frames can be shown it meanwhile.

        Raises:
            PictureError: It is none.
            NoMemoryError: It cost nothing, and can't even be shown.
        """
        while True:
            try:
                return Kept(await self._store_it(generation, image))
            except (StoreError, StateError) as error:
                if not paid:
                    return await self.show_once(image)
                if generation.id not in self._waiting:
                    self._wait(generation, error, is_safe=is_safe)
                    on_waiting(await self._shown_meanwhile(image))
            await self._clock.sleep(RETRY)

    async def _shown_meanwhile(self, image: bytes) -> str | None:
        try:
            return (await self.show_once(image)).passing
        except NoMemoryError:
            return None

    async def _store_it(self, generation: Generation, image: bytes) -> Picture:
        try:
            picture = await self._store.add(
                image,
                provider=generation.provider,
                text=generation.text,
                asked_at=generation.asked_at,
                picture_name=picture_name(generation),
            )
        except PictureError:
            self._wait_no_more(generation)
            raise
        self._wait_no_more(generation)
        return picture

    def _wait(self, generation: Generation, error: StoreError | StateError, *, is_safe: bool) -> None:
        is_told = is_safe and not isinstance(error, NoMemoryError)  # of a disk the store tells by itself
        self._waiting[generation.id] = is_told
        if not is_safe:
            self._problems.report(
                PROBLEM,
                f"A new picture is held in memory, since it can't be stored: {error}.",
                remedy="Make room on the disk or its directory writable, and do not stop the server.",
            )
        elif not is_told:
            self._problems.report(
                PROBLEM, f"A new picture waits to be stored: {error}.", remedy="Give the server more memory."
            )

    def _wait_no_more(self, generation: Generation) -> None:
        self._waiting.pop(generation.id, None)
        if all(self._waiting.values()):
            self._problems.resolve(PROBLEM)


def picture_name(generation: Generation) -> str:
    """Return the stem of the picture that a request brings: sortable by time, unique by the id."""
    return f"{generation.asked_at:%Y%m%d-%H%M%S}-{generation.id}"
