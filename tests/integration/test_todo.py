"""The prompts as a to-do list: changed here, at the server and by hand, and always the same everywhere."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from homeassistant.components.todo import DATA_COMPONENT, TodoItem, TodoListEntity
from homeassistant.components.todo import DOMAIN as TODO
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.aiframes.api import ImageServerClient, RequestRefusedError
from tests.integration.acting import refused
from tests.integration.relay import set_up_behind_relay
from tests.integration.watching import state_of, until, until_asked, until_state
from tests.processes import READY, run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from tests.integration.conftest import RealServer

KEY = "prompts"
FOX, HOUSE = "a [[colour]] fox", "a lighthouse"
BOOK = """
prompts:
  - idx: 1
    prompt: a [[colour]] fox
    negative: snow
    placeholders:
      colour: [red, white]
  - idx: 2
    prompt: a lighthouse
"""


class PromptList:
    """The list as a card shows it, and as a person changes it."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    @property
    def entity_id(self) -> str:
        return state_of(self._hass, self._entry, TODO, KEY).entity_id

    async def items(self) -> list[dict[str, Any]]:
        answer: Any = await self._hass.services.async_call(
            TODO,
            "get_items",
            {"status": ["needs_action", "completed"]},
            target={"entity_id": self.entity_id},
            blocking=True,
            return_response=True,
        )
        found: list[dict[str, Any]] = answer[self.entity_id]["items"]
        return found

    async def summaries(self) -> list[str]:
        return [item["summary"] for item in await self.items()]

    async def do(self, action: str, **data: Any) -> None:
        await self._hass.services.async_call(
            TODO, action, data, target={"entity_id": self.entity_id}, blocking=True
        )

    async def until(self, *summaries: str) -> None:
        """Wait until the list holds these, in this order."""

        async def is_so() -> bool:
            return await self.summaries() == list(summaries)

        await until_asked(is_so)

    async def until_ticked(self, *summaries: str) -> None:
        """Wait until these are ticked, and no others."""

        async def is_so() -> bool:
            ticked = [item["summary"] for item in await self.items() if item["status"] == "completed"]
            return ticked == list(summaries)

        await until_asked(is_so)


@pytest.fixture(autouse=True)
def _book(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prompts.yaml").write_text(BOOK)


def _kept(server: RealServer) -> list[dict[str, Any]]:
    """Return the prompts as they are in the file."""
    text = (server.root / "data" / "prompts.yaml").read_text()
    prompts: list[dict[str, Any]] = yaml.safe_load(text)["prompts"]
    return prompts


@pytest.fixture
def prompts(hass: HomeAssistant, loaded: MockConfigEntry) -> PromptList:
    return PromptList(hass, loaded)


async def test_the_list_is_the_book_and_its_state_says_how_many_are_drawn(
    hass: HomeAssistant, loaded: MockConfigEntry, prompts: PromptList
) -> None:
    fox, house = await prompts.items()
    assert (fox["summary"], fox["description"], fox["status"]) == (FOX, "snow", "needs_action")
    assert (house["summary"], "description" in house) == (HOUSE, False)
    assert state_of(hass, loaded, TODO, KEY).state == "2"


async def test_an_item_that_is_added_is_a_prompt(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, prompts: PromptList
) -> None:
    await prompts.do("add_item", item="a cat", description="dogs")
    await prompts.do("add_item", item="a harbour at dawn")
    assert await prompts.summaries() == [FOX, HOUSE, "a cat", "a harbour at dawn"]
    assert _kept(server)[2:] == [
        {"idx": 3, "prompt": "a cat", "negative": "dogs"},
        {"idx": 4, "prompt": "a harbour at dawn"},
    ]
    assert state_of(hass, loaded, TODO, KEY).state == "4"


async def test_ticking_and_renaming_keep_the_placeholders(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, prompts: PromptList
) -> None:
    await prompts.do("update_item", item=FOX, status="completed")
    assert _kept(server)[0] == {
        "idx": 1,
        "prompt": FOX,
        "negative": "snow",
        "placeholders": {"colour": ["red", "white"]},
        "enabled": False,
    }
    assert state_of(hass, loaded, TODO, KEY).state == "1"
    await prompts.do("update_item", item=FOX, rename="a [[colour]] wolf")
    assert _kept(server)[0]["placeholders"] == {"colour": ["red", "white"]}
    assert (_kept(server)[0]["prompt"], _kept(server)[0]["enabled"]) == ("a [[colour]] wolf", False)
    await prompts.do("update_item", item="a [[colour]] wolf", status="needs_action")
    assert _kept(server)[0].get("enabled", True) is True
    assert state_of(hass, loaded, TODO, KEY).state == "2"


@pytest.mark.parametrize("nothing", [None, ""])
async def test_an_emptied_description_takes_the_negative_part_away(
    server: RealServer, prompts: PromptList, nothing: str | None
) -> None:
    await prompts.do("update_item", item=HOUSE, description="people")
    assert _kept(server)[1]["negative"] == "people"
    await prompts.do("update_item", item=HOUSE, description=nothing)
    assert "negative" not in _kept(server)[1]
    assert "description" not in (await prompts.items())[1]
    assert _kept(server)[0]["negative"] == "snow"


async def test_items_are_removed_one_by_one_or_all_that_are_ticked(
    server: RealServer, prompts: PromptList
) -> None:
    await prompts.do("add_item", item="a cat")
    await prompts.do("remove_item", item=[HOUSE])
    assert await prompts.summaries() == [FOX, "a cat"]
    await prompts.do("update_item", item="a cat", status="completed")
    await prompts.do("remove_completed_items")
    assert await prompts.summaries() == [FOX]
    assert [prompt["prompt"] for prompt in _kept(server)] == [FOX]


async def test_items_are_moved_as_they_are_dragged(
    hass: HomeAssistant,
    server: RealServer,
    prompts: PromptList,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await prompts.do("add_item", item="a cat")
    assert await async_setup_component(hass, "websocket_api", {})
    page = await hass_ws_client()
    fox, house, cat = (item["uid"] for item in await prompts.items())

    async def drag(uid: str, **behind: str) -> list[str]:
        await page.send_json_auto_id(
            {"type": "todo/item/move", "entity_id": prompts.entity_id, "uid": uid, **behind}
        )
        assert (await page.receive_json())["success"]
        assert [prompt["prompt"] for prompt in _kept(server)] == await prompts.summaries()
        return await prompts.summaries()

    assert await drag(cat) == ["a cat", FOX, HOUSE]
    assert await drag(cat, previous_uid=fox) == [FOX, "a cat", HOUSE]
    assert await drag(fox, previous_uid=house) == ["a cat", HOUSE, FOX]
    assert await drag(house) == [HOUSE, "a cat", FOX]
    assert {item["uid"] for item in await prompts.items()} == {fox, house, cat}


async def test_what_the_server_refuses_is_said_and_changes_nothing(
    server: RealServer, prompts: PromptList
) -> None:
    with refused("refused", "there already"):
        await prompts.do("add_item", item=HOUSE)
    with refused("refused", "2000"):
        await prompts.do("add_item", item="long " * 500)
    with refused("refused", "there already"):
        await prompts.do("update_item", item=HOUSE, rename=FOX, description="snow")
    assert await prompts.summaries() == [FOX, HOUSE]
    (server.root / "data" / "prompts.yaml").write_text("prompts: [")
    with refused("refused", "line 1"):
        await prompts.do("add_item", item="a cat")
    (server.root / "data" / "prompts.yaml").write_text(BOOK)
    await prompts.do("add_item", item="a cat")
    assert await prompts.summaries() == [FOX, HOUSE, "a cat"]


@pytest.mark.parametrize("options", ["prompts_amount: 2\n"])
async def test_where_the_book_is_full_the_oldest_leaves(prompts: PromptList) -> None:
    await prompts.do("add_item", item="a cat")
    assert await prompts.summaries() == [HOUSE, "a cat"]


async def test_what_is_gone_meanwhile_is_said_where_it_is_needed(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, prompts: PromptList
) -> None:
    gone = (await prompts.items())[1]["uid"]
    await hass.async_add_executor_job(lambda: server.ask(f"/api/v1/prompts/{gone}", method="DELETE"))
    entity = hass.data[DATA_COMPONENT].get_entity(prompts.entity_id)
    assert isinstance(entity, TodoListEntity)
    for change in (
        entity.async_move_todo_item(gone),
        entity.async_update_todo_item(TodoItem(uid=gone, summary="a cat")),
    ):
        with refused("not_found", gone):
            await change
    await entity.async_delete_todo_items([gone])
    assert await prompts.summaries() == [FOX]
    assert state_of(hass, loaded, TODO, KEY).state == "1"


async def test_what_is_written_by_hand_or_on_the_page_appears_by_itself(
    hass: HomeAssistant, server: RealServer, prompts: PromptList
) -> None:
    (server.root / "data" / "prompts.yaml").write_text(BOOK.replace("a lighthouse", "a harbour"))
    await prompts.until(FOX, "a harbour")
    added = await hass.async_add_executor_job(server.ask, "/api/v1/prompts", {"prompt": "a cat"})
    await prompts.until(FOX, "a harbour", "a cat")
    path = f"/api/v1/prompts/{added['prompt']['id']}"
    await hass.async_add_executor_job(server.ask, f"{path}/move", {"idx": 1})
    await prompts.until("a cat", FOX, "a harbour")
    await hass.async_add_executor_job(lambda: server.ask(path, {"enabled": False}, method="PUT"))
    await prompts.until_ticked("a cat")


async def test_a_card_is_told_of_changes(
    hass: HomeAssistant, server: RealServer, prompts: PromptList, hass_ws_client: WebSocketGenerator
) -> None:
    assert await async_setup_component(hass, "websocket_api", {})
    page = await hass_ws_client()
    await page.send_json_auto_id({"type": "todo/item/subscribe", "entity_id": prompts.entity_id})
    assert (await page.receive_json())["success"]
    told = await page.receive_json()
    assert [item["summary"] for item in told["event"]["items"]] == [FOX, HOUSE]
    await hass.async_add_executor_job(server.ask, "/api/v1/prompts", {"prompt": "a cat"})
    told = await page.receive_json()
    assert [item["summary"] for item in told["event"]["items"]] == [FOX, HOUSE, "a cat"]


async def test_the_list_outlives_a_server_that_is_away_and_learns_what_it_missed(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        prompts = PromptList(hass, entry)
        relay.close()
        with refused("cannot_connect", invalid=False):
            await prompts.do("add_item", item="a cat")
        await until_state(hass, entry, TODO, KEY, "unavailable")
        (server.root / "data" / "prompts.yaml").write_text(BOOK.replace("a lighthouse", "a harbour"))
        relay.is_open = True
        await until_state(hass, entry, TODO, KEY, "2")
        await prompts.until(FOX, "a harbour")


async def test_what_is_written_while_the_server_restarts_is_seen(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        prompts = PromptList(hass, entry)
        await until(lambda: entry.runtime_data.stream)
        assert await prompts.summaries() == [FOX, HOUSE]
        await server.process.stop()
        await until_state(hass, entry, TODO, KEY, "unavailable")
        (server.root / "data" / "prompts.yaml").write_text(BOOK.replace("a lighthouse", "a harbour"))
        async with run_server(server.root) as process:
            await process.said(READY)
            relay.target = process.api_port
            await until_state(hass, entry, TODO, KEY, "2")
            await prompts.until(FOX, "a harbour")


@asynccontextmanager
async def _every_seat_taken(hass: HomeAssistant, server: RealServer) -> AsyncIterator[None]:
    """Follow the server's events as often as it lets people."""
    client = ImageServerClient(
        session=async_get_clientsession(hass, verify_ssl=False), url=server.url, token=server.token
    )
    async with AsyncExitStack() as seats:
        with suppress(RequestRefusedError):
            while True:
                await seats.enter_async_context(client.open_events(None))
        yield


async def test_where_no_stream_can_be_had_the_list_is_looked_at(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with _every_seat_taken(hass, server), set_up_behind_relay(hass, entry, server.process):
        prompts = PromptList(hass, entry)
        (server.root / "data" / "prompts.yaml").write_text(BOOK.replace("a lighthouse", "a harbour"))
        await hass.async_add_executor_job(server.ask, "/api/v1/prompts", {"prompt": "a cat"})
        assert await prompts.summaries() == [FOX, HOUSE]
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
        await prompts.until(FOX, "a harbour", "a cat")
        assert entry.runtime_data.stream is None
