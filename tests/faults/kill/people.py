"""People who use a server while it is killed: each step asks for one thing, and books what was answered."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import TYPE_CHECKING, Any

from tests.faults.kill.caller import SECONDS, CutError
from tests.simulators.drawn import draw
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from tests.faults.kill.caller import Answer, Caller
    from tests.faults.kill.life import World
    from tests.processes import ServerProcess

PROMPTS = 4
"""At the most; each further one drives out the oldest."""

MOST_BY_HAND = 6

QUALITIES = (90, 85)


class Person:
    """Someone with the token."""

    def __init__(self, world: World, server: ServerProcess, caller: Caller) -> None:
        self._world = world
        self._server = server
        self._caller = caller
        self._ledger = world.ledger
        self._random = world.random

    async def _change(self, name: str, value: Any, method: str, path: str, body: Any = None) -> Answer:
        """Ask for a change that has to be answered well."""
        with self._ledger.change(name, value):
            answer = await self._caller.ask(method, path, body)
        self._ledger.expect(answer.status < 300, f"{method} {path} was answered {answer.status}")
        return answer


class Writer(Person):
    """Changes the prompts: over the API, with a frame, and by hand."""

    async def step(self) -> None:
        """Change one thing."""
        known = self._ledger.known.get("prompts")
        if known is None:
            return
        steps = [self._add, self._add_by_frame, self._set_lists]
        if self._world.edited_by_hand:
            steps.append(self._add_by_hand)
        if len(known) > 1:
            steps += [self._remove, self._edit, self._move]
        await self._random.choice(steps)(list(known))

    async def _add(self, texts: list[str]) -> None:
        text = self._text()
        with self._ledger.change("prompts", *with_added(texts, text)):
            answer = await self._caller.ask("POST", "/prompts", {"prompt": text})
        self._ledger.expect(answer.status == 201, f"a new prompt was answered {answer.status}")
        self._note_id(answer.json["prompt"])
        self._ledger.compare("prompts", await self._texts())

    async def _add_by_frame(self, texts: list[str]) -> None:
        text = self._text()
        frame = Frame("127.0.0.1", self._server.http_port, tls=False, patience=SECONDS)
        with self._ledger.change("prompts", *with_added(texts, text)):
            await frame.add(text)
        self._ledger.compare("prompts", await self._texts())

    async def _add_by_hand(self, texts: list[str]) -> None:
        """Write the file as an editor does; whoever asks then sees it."""
        wanted = [*texts, self._text()][-MOST_BY_HAND:]
        path = self._world.root / "data" / "prompts.yaml"
        entries = [{"idx": idx, "prompt": text} for idx, text in enumerate(wanted, 1)]
        lists = self._ledger.known.get("placeholders") or {}
        beside = path.with_name("editing.tmp")
        self._ledger.promised.setdefault("prompts", []).append(wanted)
        beside.write_text(json.dumps({"prompts": entries, "global_placeholders": lists}))
        beside.replace(path)
        async with asyncio.timeout(SECONDS):
            while await self._texts() != wanted:  # noqa: ASYNC110 - another process tells by no event of ours
                await asyncio.sleep(0.05)
        self._ledger.promised.pop("prompts")
        self._ledger.known["prompts"] = wanted
        for prompt in (await self._caller.get("/prompts")).json["prompts"]:
            self._note_id(prompt)

    async def _set_lists(self, _: list[str]) -> None:
        lists = {"colour": [f"red {next(self._world.numbers)}", "blue"]}
        await self._change("placeholders", lists, "PUT", "/placeholders", {"placeholders": lists})

    async def _remove(self, texts: list[str]) -> None:
        prompt = self._random.choice((await self._caller.get("/prompts")).json["prompts"])
        left = [text for text in texts if text != prompt["prompt"]]
        await self._change("prompts", left, "DELETE", f"/prompts/{prompt['id']}")

    async def _edit(self, texts: list[str]) -> None:
        prompt = self._random.choice((await self._caller.get("/prompts")).json["prompts"])
        text = self._text()
        edited = [text if old == prompt["prompt"] else old for old in texts]
        answer = await self._change("prompts", edited, "PUT", f"/prompts/{prompt['id']}", {"prompt": text})
        self._note_id(answer.json)

    async def _move(self, texts: list[str]) -> None:
        prompt = (await self._caller.get("/prompts")).json["prompts"][0]
        moved = [*texts[1:], texts[0]]
        path = f"/prompts/{prompt['id']}/move"
        await self._change("prompts", moved, "POST", path, {"idx": len(texts)})

    async def _texts(self) -> list[str]:
        return [prompt["prompt"] for prompt in (await self._caller.get("/prompts")).json["prompts"]]

    def _note_id(self, prompt: Any) -> None:
        self._ledger.known[f"id of {prompt['prompt']}"] = prompt["id"]

    def _text(self) -> str:
        return f"kept {next(self._world.numbers)} with [[colour]]"


class Curator(Person):
    """Looks after the pictures."""

    async def step(self) -> None:
        """Do something with one picture."""
        steps = [self._push, self._push_once, self._favour, self._delete, self._restore, self._show]
        await self._random.choice(steps)()

    async def _push(self) -> None:
        name = f"pushed {next(self._world.numbers)}"
        self._world.pushed.append(name)
        kind = self._random.choice(["JPEG", "PNG"])
        answer = await self._caller.ask("POST", "/images", data=draw(name, 400, 600, picture_format=kind))
        self._ledger.expect(answer.status == 201, f"a pushed picture was answered {answer.status}")
        self._ledger.known[f"favourite {answer.json['picture']['id']}"] = False

    async def _push_once(self) -> None:
        name = f"passing {next(self._world.numbers)}"
        self._world.pushed.append(name)
        answer = await self._caller.ask("POST", "/images?keep=false", data=draw(name, 400, 600))
        self._ledger.expect(answer.status == 202, f"a passing picture was answered {answer.status}")

    async def _favour(self) -> None:
        found = await self._caller.ask("POST", "/images/search", {"favourite": True})
        favourites = found.json["pictures"]
        picture, wanted = await self._some_picture(), True
        if len(favourites) > 2:
            picture, wanted = self._random.choice(favourites), False
        if picture is not None:
            await self._ask_of(picture["id"], "favourite", wanted, "PATCH", "", {"favourite": wanted})

    async def _delete(self) -> None:
        picture = await self._some_picture()
        awaited = picture is not None and (picture["prompt"] or "").startswith("wish")
        if picture is not None and not picture["favourite"] and not awaited:
            await self._ask_of(picture["id"], "deleted", True, "DELETE", "")

    async def _restore(self) -> None:
        known = self._ledger.known.items()
        deleted = [name.split()[1] for name, value in known if name.startswith("deleted ") and value]
        if deleted:
            picture_id = self._random.choice(deleted)
            await self._ask_of(picture_id, "deleted", False, "POST", "/restore", is_there=True)

    async def _show(self) -> None:
        picture = await self._some_picture()
        if picture is not None:
            await self._caller.ask("POST", f"/images/{picture['id']}/show", {})

    async def _some_picture(self) -> Any:
        found = (await self._caller.ask("POST", "/images/search", {"limit": 30})).json["pictures"]
        return self._random.choice(found) if found else None

    async def _ask_of(
        self, picture_id: str, what: str, value: Any, method: str, path: str, body: Any = None, *,
        is_there: bool = False,
    ) -> None:  # fmt: skip
        name = f"{what} {picture_id}"
        with self._ledger.change(name, value):
            answer = await self._caller.ask(method, f"/images/{picture_id}{path}", body)
        if answer.status < 300:
            return
        self._ledger.forget(name)
        may_be_gone = self._world.forgetful if is_there else self._world.crowded
        self._ledger.expect(
            may_be_gone and answer.status in {404, 409},
            f"{method} of picture {picture_id} {path} was answered {answer.status}: {answer.body.decode()}",
        )


class Householder(Person):
    """Changes settings, names, the token and the options."""

    async def step(self) -> None:
        """Change one thing."""
        await asyncio.sleep(self._random.uniform(0, 0.1))
        steps = [self._pause, self._set_threshold, self._limit, self._name_frame, self._renew, self._reload]
        await self._random.choice(steps)()

    async def _pause(self) -> None:
        paused = not self._ledger.known.get("paused", False)
        await self._change("paused", paused, "PATCH", "/settings", {"paused": paused})

    async def _set_threshold(self) -> None:
        minutes = self._random.choice([0, 0.5])
        body = {"image_generate_threshold": minutes}
        await self._change("threshold", minutes, "PATCH", "/settings", body)

    async def _limit(self) -> None:
        limit = 100_000 + next(self._world.numbers)
        await self._change("limit", limit, "PATCH", "/providers/ydArt", {"daily_limit": limit})

    async def _name_frame(self) -> None:
        frames = (await self._caller.get("/frames")).json["frames"]
        if frames:
            address, name = self._random.choice(frames)["id"], f"name {next(self._world.numbers)}"
            await self._change(f"name {address}", name, "PATCH", f"/frames/{address}", {"name": name})

    async def _renew(self) -> None:
        old = self._caller.token
        self._ledger.promised["token"] = ["another"]
        answer = await self._caller.ask("POST", "/token")
        self._ledger.expect(answer.status == 200, f"a new token was answered {answer.status}")
        self._caller.token = answer.json["token"]
        self._ledger.promised.pop("token")
        self._ledger.known["token"] = self._caller.token
        refused = await self._caller.ask("GET", "/info", token=old)
        self._ledger.expect(refused.status in {401, 429}, "an old token still opens")

    async def _reload(self) -> None:
        """Let all pictures be scaled anew."""
        path = self._world.root / "data" / "options.yml"
        options = json.loads(path.read_text())
        parameters = options["iframe_image_parameters"]
        parameters["quality"] = QUALITIES[parameters["quality"] == QUALITIES[0]]
        beside = path.with_name("options.tmp")
        beside.write_text(json.dumps(options))
        beside.replace(path)
        try:
            self._server.process.send_signal(signal.SIGHUP)
        except ProcessLookupError as error:
            raise CutError("it is dead") from error


def with_added(texts: list[str], text: str) -> list[list[str]]:
    """Return what the prompts may be with one more: at the cap one leaves, whose it is to say elsewhere."""
    if len(texts) < PROMPTS:
        return [[*texts, text]]
    return [[*texts[:place], *texts[place + 1 :], text] for place in range(len(texts))]
