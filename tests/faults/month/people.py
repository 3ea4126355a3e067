"""What people do in a day: they edit prompts, choose, delete, undo, drop files and look at everything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import yaml

from tests.simulators.drawn import draw

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from tests.faults.month.household import House, LightFrame
    from tests.faults.month.management import Management

FAVOURITES = 5
"""So many stay; for each new one an old one is no longer a favourite."""


class People:
    """Those who live with the frames; `day` numbers make what they write differ."""

    def __init__(self, house: House, management: Management, frames: Sequence[LightFrame]) -> None:
        self._house = house
        self._root = house.server.root
        self._ask = management.ask
        self._frames = frames
        self._favourites: list[str] = []

    async def live_a_day(self, midnight: datetime, day: int) -> None:
        """Do everything once, between breakfast and supper."""
        pace = self._house.pace
        deeds = (
            self._edit_by_hand,
            self._edit_over_the_api,
            self._add_from_a_frame,
            self._like_and_forget,
            self._delete_and_undo,
            self._wish,
            self._push,
            self._drop_files,
            self._look_round,
        )
        for number, deed in enumerate(deeds):
            # A minute after the frames, so that nothing of theirs is under way but what takes long.
            await pace.sleep_until(midnight.replace(hour=9 + number, minute=1).astimezone(midnight.tzinfo))
            await deed(day)
            self._house.ledger.did[deed.__name__.strip("_")] += 1

    async def _edit_by_hand(self, day: int) -> None:
        """Change a prompt in the file; on some days save half of it first, as careless editors do."""
        path = self._root / "data" / "prompts.yaml"
        text = await asyncio.to_thread(path.read_text)
        if day % 4 == 0:
            await asyncio.to_thread(path.write_text, text[: len(text) // 2] + "\n  - 'never ended\n")
            await self._house.pace.sleep(60)
        document = yaml.safe_load(text)
        document["prompts"][0]["prompt"] = f"by hand on day {day}, [[colour]]"
        document.setdefault("global_placeholders", {})["colour"] = ["red", f"blue {day}", "green"]
        await asyncio.to_thread(_save, path, yaml.safe_dump(document, allow_unicode=True))

    async def _edit_over_the_api(self, day: int) -> None:
        added = await self._ask("POST", "/api/v1/prompts", {"prompt": f"over the API on day {day}"})
        prompt_id = added["prompt"]["id"]
        await self._ask("PUT", f"/api/v1/prompts/{prompt_id}", {"prompt": f"edited on day {day} [[colour]]"})
        await self._ask("POST", f"/api/v1/prompts/{prompt_id}/move", {"idx": 1})
        listed = await self._ask("GET", "/api/v1/prompts")
        if len(listed["prompts"]) > 8:
            await self._ask("DELETE", f"/api/v1/prompts/{listed['prompts'][-1]['id']}")

    async def _add_from_a_frame(self, day: int) -> None:
        await self._frames[day % len(self._frames)].add_prompt(f"said to a frame on day {day}")
        await self._frames[(day + 1) % len(self._frames)].stray()

    async def _like_and_forget(self, _: int) -> None:
        for picture in await self._newest(1):
            await self._ask("PATCH", f"/api/v1/images/{picture['id']}", {"favourite": True})
            self._favourites.append(picture["id"])
        while len(self._favourites) > FAVOURITES:
            oldest = self._favourites.pop(0)
            await self._ask("PATCH", f"/api/v1/images/{oldest}", {"favourite": False})

    async def _delete_and_undo(self, _: int) -> None:
        gone = [one for one in await self._newest(5) if one["id"] not in self._favourites][-2:]
        for picture in gone:
            await self._ask("DELETE", f"/api/v1/images/{picture['id']}")
        await self._house.pace.sleep(600)
        for picture in gone[:1]:
            await self._ask("POST", f"/api/v1/images/{picture['id']}/restore")

    async def _wish(self, day: int) -> None:
        """Have a picture made; where the budget of the day is spent, the answer says so."""
        wish = {"prompt": f"a wish of day {day}"}
        await self._ask("POST", "/api/v1/operations", wish, wanted=(202, 409, 422, 503))
        for picture in await self._newest(1):
            await self._ask("POST", f"/api/v1/images/{picture['id']}/show", {})

    async def _push(self, day: int) -> None:
        image = draw(f"pushed on day {day}", 320, 480)
        await self._ask("POST", "/api/v1/images", data=image)
        await self._ask("POST", "/api/v1/images?keep=false", data=image)

    async def _drop_files(self, day: int) -> None:
        """Drop a picture by hand that has to be scaled; take the one of a week ago away."""
        image = draw(f"dropped on day {day}", 400, 500)
        folder = self._root / "images" / "scalable"
        await asyncio.to_thread(_save_bytes, folder / f"dropped-{day}.jpeg", image)
        await asyncio.to_thread((folder / f"dropped-{day - 7}.jpeg").unlink, missing_ok=True)

    async def _look_round(self, _: int) -> None:
        for path in ("history", "log", "frames", "operations", "settings", "providers", "prompts", "info"):
            await self._ask("GET", f"/api/v1/{path}")
        for picture in await self._newest(3):
            for part in ("", "/thumbnail", "/original", "/frame"):
                await self._ask("GET", f"/api/v1/images/{picture['id']}{part}", wanted=(200, 404))

    async def _newest(self, limit: int) -> list[dict[str, Any]]:
        query = {"order": "newest", "limit": limit, "archived": False}
        page: dict[str, Any] = await self._ask("POST", "/api/v1/images/search", query)
        pictures: list[dict[str, Any]] = page["pictures"]
        return pictures


def _save(path: Path, text: str) -> None:
    """Save as an editor does: a new file in the old one's place."""
    _save_bytes(path, text.encode())


def _save_bytes(path: Path, data: bytes) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)
