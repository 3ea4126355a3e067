"""What is looked at after each start: everything that must hold whenever the server before was killed."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import yaml
from PIL import Image

from imageserver.exceptions import SettingsError
from imageserver.tls.tls import server_context
from tests.faults.kill.caller import SECONDS, CutError
from tests.faults.kill.life import tell
from tests.faults.kill.recognising import prompt_of
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.kill.caller import Caller
    from tests.faults.kill.life import World
    from tests.processes import ServerProcess

ONCE = re.compile(r"(wish|forced) \d+")
"""Prompts of which one picture was wished for."""

EXPECTED = re.compile(
    r"data/(state\.db(-wal|-shm)?|api_token|options\.yml|prompts(_example)?\.yaml|tls/server\.pem"
    r"|prompts\.yaml\.[\d-]+\.bak|cache/\d+\.jpeg|passing/[0-9a-f.]+\.jpeg|rejected/.+|(editing|options)\.tmp)"
    r"|images/(original/.+-orig\.jpeg|scalable/.+\.jpeg|\.deleted/\d+/(original|scalable)/.+\.jpeg)"
)

type Row = dict[str, Any]


class Look:
    """One look at a server that has just started, and at what lies below it."""

    def __init__(self, world: World, server: ServerProcess, caller: Caller) -> None:
        self._world = world
        self._ledger = world.ledger
        self._server = server
        self._caller = caller
        self._root = world.root

    async def take(self) -> None:
        """Look at everything.

        Raises:
            CutError: The server is no more.
        """
        await tell(self._caller, self._ledger)
        await self._look_at_settings()
        await asyncio.to_thread(self._look_at_certificate)
        await self._look_at_prompts()
        await self._look_at_pictures()
        await self._look_at_operations()
        await self._until(self._is_settled, "requests stay open")
        await asyncio.to_thread(self._count_money)
        await self._until(self._no_stray_files, "files are left behind", lambda: str(self._stray_files()))
        await self._look_at_a_frame()
        log = "\n".join(self._server.log)
        self._ledger.expect("Traceback" not in log, f"a traceback in the log: {log[-3000:]}")

    async def _look_at_settings(self) -> None:
        status = (await self._caller.get("/status")).json
        self._ledger.compare("paused", status["settings"]["paused"])
        self._ledger.compare("threshold", status["settings"]["image_generate_threshold"])
        for provider in status["providers"]:
            if provider["code"] == "ydArt":
                self._ledger.compare("limit", provider["daily_limit"])
        for frame in status["frames"]:
            if f"name {frame['id']}" in self._ledger.known:
                self._ledger.compare(f"name {frame['id']}", frame["name"])
        token = self._caller.token
        if self._ledger.promised.pop("token", None) is None:
            self._ledger.compare("token", token)
        self._ledger.known["token"] = token
        self._ledger.expect(re.fullmatch(r"[\w-]{43}", token), f"the token is cut: {len(token)} characters")

    def _look_at_certificate(self) -> None:
        """Both halves are in the file, and belong together."""
        try:
            server_context(self._root / "data" / "tls" / "server.pem")
        except SettingsError as error:
            self._ledger.wrong.append(f"the certificate is broken: {error}")

    async def _look_at_prompts(self) -> None:
        prompts = (await self._caller.get("/prompts")).json["prompts"]
        texts = [prompt["prompt"] for prompt in prompts]
        self._ledger.compare("prompts", texts)
        lists = (await self._caller.get("/placeholders")).json["placeholders"]
        self._ledger.compare("placeholders", lists)
        for prompt in prompts:
            self._ledger.compare(f"id of {prompt['prompt']}", prompt["id"])
        found = yaml.safe_load((self._root / "data" / "prompts.yaml").read_text())
        in_file = [entry["prompt"] for entry in found["prompts"]]
        self._ledger.expect(in_file == texts, f"prompts.yaml holds {in_file}, in force are {texts}")

    async def _look_at_pictures(self) -> None:
        """Favourites stay, deletions hold and can be undone, and what is there is whole."""
        names = [*self._ledger.known, *self._ledger.promised]
        for name in dict.fromkeys(name for name in names if name.startswith(("favourite ", "deleted "))):
            what, picture_id = name.split()
            answer = await self._caller.get(f"/images/{picture_id}")
            if answer.status == 200:
                value = answer.json["favourite"] if what == "favourite" else bool(answer.json["deleted_at"])
                self._ledger.compare(name, value)
                continue
            known = self._ledger.known.get(name)
            may_be_gone = self._world.forgetful if what == "deleted" and known else self._world.crowded
            promised = self._ledger.promised.get(name, [])
            certain = known is True and what == "favourite" and False not in promised
            self._ledger.expect(
                may_be_gone and not certain,
                f"{name} was {known}, and the picture is answered {answer.status}",
            )
            self._ledger.forget(name)

    async def _look_at_operations(self) -> None:
        for name in [known for known in self._ledger.known if known.startswith("operation ")]:
            answer = await self._caller.get(f"/operations/{name.split()[1]}")
            self._ledger.expect(answer.status == 200, f"{name}, which was taken, is {answer.status}")
            self._ledger.forget(name)

    async def _look_at_a_frame(self) -> None:
        frame = Frame(
            "127.0.0.1",
            self._server.http_port,
            tls=False,
            sleep=lambda _: asyncio.sleep(0.02),
            patience=SECONDS,
        )
        shown = await frame.show("auto", polls=500)
        there = self._rows("SELECT 1 FROM rotation LIMIT 1")
        if shown.image is None or (there and prompt_of(shown.image, self._world.prompts()) is None):
            self._ledger.wrong.append(f"after a start a frame was shown nothing of ours: {shown.error}")

    def _count_money(self) -> None:
        expect = self._ledger.expect
        billed = Counter(asked.prompt for asked in self._world.paid())
        rows = self._rows("SELECT id, prompt, fate, picture_id, ticket FROM generations")
        asked = Counter(row["prompt"] for row in rows)
        for prompt, times in billed.items():
            expect(asked[prompt] >= times, f"{prompt!r}: billed {times} times, asked {asked[prompt]}")
            expect(times == 1 or not ONCE.fullmatch(prompt or ""), f"{prompt!r} was billed {times} times")
        pictures = {row["id"]: row for row in self._rows("SELECT id, prompt, provider FROM pictures")}
        got = Counter(row["picture_id"] for row in rows if row["picture_id"] is not None)
        expect(max(got.values(), default=1) == 1, "two requests have one picture")
        for row in rows:
            lost = row["fate"] == "unknown" and row["ticket"] is None
            expect(lost or row["picture_id"] is not None, f"a request ended without its picture: {row}")
            picture = pictures.get(row["picture_id"])
            expect(lost or picture or self._world.crowded, f"the picture of a request is gone: {row}")
            expect(picture is None or picture["prompt"] == row["prompt"], f"foreign: {row}, {picture}")
        made = Counter(row["prompt"] for row in pictures.values() if row["provider"] == "ydArt")
        for prompt, times in made.items():
            done = sum(row["prompt"] == prompt and row["fate"] == "done" for row in rows)
            expect(times <= done, f"{times} pictures of {prompt!r} for {done} requests")
        expect(self._rows("PRAGMA integrity_check")[0]["integrity_check"] == "ok", "the database is broken")

    async def _is_settled(self) -> bool:
        generations = (await self._caller.get("/operations?limit=500")).json["generations"]
        return all(entry["fate"] not in {"intended", "sent"} for entry in generations)

    async def _no_stray_files(self) -> bool:
        return not await asyncio.to_thread(self._stray_files)

    def _stray_files(self) -> list[str]:
        """Return files that nobody knows, that are cut, or that are missing."""
        stray = []
        for path in sorted(path for path in self._root.rglob("*") if path.is_file()):
            name = str(path.relative_to(self._root))
            if not EXPECTED.fullmatch(name) and not name.startswith(("certs/", "visited")):
                stray.append(name)
        return [*stray, *self._unlike_the_index()]

    def _unlike_the_index(self) -> Iterator[str]:
        images = self._root / "images"
        there = self._rows("SELECT id, original, scaled FROM pictures WHERE deleted_at IS NULL")
        for place, column in (("original", "original"), ("scalable", "scaled")):
            names = {path.name for path in (images / place).glob("*")}
            known = {row[column] for row in there if row[column] is not None}
            yield from (f"{place}/{name}: only in one of folder and index" for name in names ^ known)
        deleted = {
            str(row["id"]) for row in self._rows("SELECT id FROM pictures WHERE deleted_at IS NOT NULL")
        }
        buried = {path.name for path in (images / ".deleted").glob("*")}
        yield from (f".deleted/{name}: only in one of folder and index" for name in buried ^ deleted)
        for path in images.rglob("*.jpeg"):
            try:
                with Image.open(path) as image:
                    image.load()
            except FileNotFoundError:
                continue
            except OSError as error:
                yield f"{path.name} is cut: {error}"

    def _rows(self, query: str) -> list[Row]:
        uri = f"file:{self._root / 'data' / 'state.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    async def _until(
        self, condition: Callable[[], Any], otherwise: str, details: Callable[[], str] = str
    ) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                while not await condition():
                    if self._server.process.returncode is not None:
                        raise CutError(otherwise)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            self._ledger.wrong.append(f"{otherwise}: {details()}")
