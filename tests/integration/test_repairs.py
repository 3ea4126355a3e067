"""What a person must mend stands among the repairs for as long as it has to be mended."""

from __future__ import annotations

import ast
import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.aiframes.issues import FIXABLE, NO_PROVIDER, NOTHING_TO_MEND, SEVERITIES
from tests.integration.absences import until_streaming
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.puppet import open_puppet
from tests.integration.relay import set_up_behind_relay
from tests.integration.watching import state_of, until
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

SERVER = Path(__file__).parents[2] / "addon" / "imageserver"
TITLE = "AIFrames ImageServer"


@pytest.fixture
async def yandex() -> AsyncIterator[YandexArtSimulator]:
    async with YandexArtSimulator() as simulator:
        yield simulator


@pytest.fixture
def options(yandex: YandexArtSimulator) -> str:
    """A server with YandexART, which is asked only when a person wants it."""
    lines = "".join(f"    {key}: {value}\n" for key, value in yandex.options.items())
    return f"image_generate_threshold: 1000\nproviders:\n  ydArt:\n{lines}"


def issue(hass: HomeAssistant, entry: MockConfigEntry, rest: str) -> ir.IssueEntry | None:
    """Return an issue of an entry by what its id says behind the entry's."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"{entry.entry_id}_{rest}")
    return found if found and found.active else None


async def until_issue(hass: HomeAssistant, entry: MockConfigEntry, rest: str) -> ir.IssueEntry:
    await until(lambda: issue(hass, entry, rest))
    found = issue(hass, entry, rest)
    assert found is not None
    return found


async def until_none(hass: HomeAssistant, entry: MockConfigEntry, rest: str) -> None:
    await until(lambda: issue(hass, entry, rest) is None)


def codes_of_the_server() -> Iterator[str]:
    """Find each code that the server reports a problem by, in its source."""
    for path in SERVER.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "report" and len(node.args) == 2:
                code = node.args[0]
                yield str(code.value if isinstance(code, ast.Constant) else constants[ast.unparse(code)])


def test_each_problem_of_the_server_is_something_to_mend_or_is_known_to_pass() -> None:
    codes = set(codes_of_the_server())
    assert "access_refused" in codes
    assert "prompts_file" in codes
    assert codes == (SEVERITIES.keys() | NOTHING_TO_MEND) - {NO_PROVIDER}
    assert SEVERITIES.keys() >= FIXABLE
    assert not SEVERITIES.keys() & NOTHING_TO_MEND


# They come and go


@pytest.mark.parametrize("options", [None])
async def test_nobody_to_make_pictures_is_an_issue_until_somebody_is_set_up(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, yandex: YandexArtSimulator
) -> None:
    found = await until_issue(hass, loaded, "no_provider")
    assert not found.is_fixable
    assert found.translation_placeholders == {"server": TITLE}
    lines = "".join(f"    {key}: {value}\n" for key, value in yandex.options.items())
    (server.root / "data" / "options.yml").write_text(f"providers:\n  ydArt:\n{lines}")
    server.process.process.send_signal(1)  # SIGHUP: it reads its options again
    await until_none(hass, loaded, "no_provider")


async def test_options_with_a_mistake_are_an_issue_until_they_are_right(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    assert issue(hass, loaded, "options") is None
    file = server.root / "data" / "options.yml"
    right = file.read_text()
    file.write_text(right.replace("image_generate_threshold: 1000", "image_generate_threshold: never"))
    server.process.process.send_signal(1)
    found = await until_issue(hass, loaded, "options")
    assert found.severity is ir.IssueSeverity.ERROR
    assert found.translation_placeholders is not None
    assert "image_generate_threshold" in found.translation_placeholders["detail"]
    file.write_text(right)
    server.process.process.send_signal(1)
    await until_none(hass, loaded, "options")


async def test_a_daily_limit_that_is_used_up_is_an_issue_until_it_is_raised(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    def limit(requests: int) -> None:
        server.ask("/api/v1/providers/ydArt", {"daily_limit": requests}, method="PATCH")

    await hass.async_add_executor_job(limit, 1)
    await hass.async_add_executor_job(generate, server)
    found = await until_issue(hass, loaded, "budget_spent_ydArt")
    assert found.severity is ir.IssueSeverity.WARNING
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["subject"] == "YandexART"
    await hass.async_add_executor_job(limit, 100)
    await until_none(hass, loaded, "budget_spent_ydArt")


async def test_a_frame_at_the_wrong_port_is_an_issue_that_names_it(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", server.process.https_port, local_addr=("127.0.0.7", 0)
    )
    writer.write(b"POST /operation/start HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    await reader.read()
    writer.close()
    found = await until_issue(hass, loaded, "frame_speaks_plain_http_127.0.0.7")
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["subject"] == "127.0.0.7"


async def test_issues_stay_while_the_server_is_away_and_go_with_the_entry(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, yandex: YandexArtSimulator
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await refuse_access(hass, server, yandex)
        await until_issue(hass, entry, "access_refused_ydArt")
        relay.close()
        await until(lambda: not entry.runtime_data.last_update_success)
        assert issue(hass, entry, "access_refused_ydArt")
        relay.is_open = True
        await until_streaming(entry)
        await hass.config_entries.async_reload(entry.entry_id)
        assert issue(hass, entry, "access_refused_ydArt")
    assert [one for domain, one in ir.async_get(hass).issues if domain == DOMAIN] == []


async def test_what_a_newer_server_complains_of_stands_at_the_sensor_only(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with open_puppet(server) as puppet:
        puppet.status["problems"] = [
            {
                "code": "of_tomorrow",
                "subject": None,
                "text": "Rain is coming.",
                "remedy": "Take an umbrella.",
                "since": "2026-11-24T12:00:00+00:00",
            }
        ]
        hass.config_entries.async_update_entry(entry, data=puppet.entry_data)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert state_of(hass, entry, "binary_sensor", "problem").state == "on"
        assert not [one for domain, one in ir.async_get(hass).issues if domain == DOMAIN]
        assert await hass.config_entries.async_unload(entry.entry_id)


# What a click mends


def generate(server: RealServer) -> dict[str, Any]:
    """Have a picture made by YandexART; blocks until it is, or is not."""
    return server.ask("/api/v1/operations", {"provider": "ydArt", "prompt": "a fox", "wait": 20})


async def refuse_access(hass: HomeAssistant, server: RealServer, yandex: YandexArtSimulator) -> None:
    """Let the provider refuse, and the server notice it."""
    yandex.always("no_balance")
    made = await hass.async_add_executor_job(generate, server)
    assert made["error"]["code"] == "AccessRefused"


class Fixing:
    """A person with the dialog of an issue."""

    def __init__(self, client: Any, issue_id: str) -> None:
        self._client = client
        self._issue_id = issue_id
        self._flow_id = ""

    async def begin(self) -> dict[str, Any]:
        """Open it."""
        body = {"handler": DOMAIN, "issue_id": self._issue_id}
        answer = await self._client.post("/api/repairs/issues/fix", json=body)
        assert answer.status == HTTPStatus.OK, await answer.text()
        opened: dict[str, Any] = await answer.json()
        self._flow_id = opened["flow_id"]
        return opened

    async def submit(self) -> dict[str, Any]:
        """Press the button."""
        answer = await self._client.post(f"/api/repairs/issues/fix/{self._flow_id}", json={})
        assert answer.status == HTTPStatus.OK, await answer.text()
        pressed: dict[str, Any] = await answer.json()
        return pressed


@asynccontextmanager
async def fixing(
    hass: HomeAssistant, client: ClientSessionGenerator, entry: MockConfigEntry
) -> AsyncIterator[Fixing]:
    """Open the dialog about a provider that refuses access."""
    assert await async_setup_component(hass, "repairs", {})
    found = await until_issue(hass, entry, "access_refused_ydArt")
    assert found.is_fixable
    dialog = Fixing(await client(), found.issue_id)
    form = await dialog.begin()
    assert (form["type"], form["step_id"], form["errors"]) == ("form", "confirm", {})
    assert form["description_placeholders"] == {"server": entry.title, "provider": "YandexART"}
    yield dialog


async def test_a_provider_that_was_mended_is_tried_and_the_issue_goes(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await refuse_access(hass, server, yandex)
    async with fixing(hass, hass_client, loaded) as dialog:
        refused = await dialog.submit()
        assert (refused["type"], refused["errors"]) == ("form", {"base": "no_picture"})
        assert "wants to be paid" in refused["description_placeholders"]["reason"]
        assert issue(hass, loaded, "access_refused_ydArt"), "it is still there"
        yandex.always(None)
        mended = await dialog.submit()
        assert mended["type"] == FlowResultType.CREATE_ENTRY
    await until_none(hass, loaded, "access_refused_ydArt")
    assert len(yandex.billed) == 1


async def test_a_refused_prompt_shows_that_access_is_given_again(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await refuse_access(hass, server, yandex)
    async with fixing(hass, hass_client, loaded) as dialog:
        yandex.always("refused")
        assert (await dialog.submit())["type"] == FlowResultType.CREATE_ENTRY
    await until_none(hass, loaded, "access_refused_ydArt")


async def test_a_provider_that_has_not_answered_yet_is_not_called_mended(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.aiframes.repairs.PATIENCE", 0.2)
    await refuse_access(hass, server, yandex)
    async with fixing(hass, hass_client, loaded) as dialog:
        yandex.always(None)
        yandex.delay = 1.5
        waiting = await dialog.submit()
        assert (waiting["type"], waiting["reason"]) == ("abort", "unanswered")
        assert waiting["description_placeholders"]["provider"] == "YandexART"
    await until(lambda: loaded.runtime_data.data.last_picture)
    assert issue(hass, loaded, "access_refused_ydArt") is None


@pytest.mark.parametrize(
    ("trouble", "error"), [("away", "cannot_connect"), ("limit", "refused"), ("token", "token_refused")]
)
async def test_what_keeps_the_server_from_trying_is_told(
    hass: HomeAssistant,
    server: RealServer,
    entry: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
    trouble: str,
    error: str,
) -> None:
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        await until_streaming(entry)
        await refuse_access(hass, server, yandex)
        async with fixing(hass, hass_client, entry) as dialog:
            yandex.always(None)
            match trouble:
                case "away":
                    relay.close()
                    lost = await dialog.submit()  # over the connection that was there
                    assert lost["errors"] in ({"base": "answer_lost"}, {"base": error})
                case "limit":
                    await hass.async_add_executor_job(
                        lambda: server.ask("/api/v1/providers/ydArt", {"daily_limit": 1}, method="PATCH")
                    )
                case "token":
                    await hass.async_add_executor_job(lambda: server.ask("/api/v1/token", method="POST"))
            told = await dialog.submit()
            assert told["errors"] == {"base": error}
            relay.is_open = True


async def test_nothing_can_be_tried_while_the_server_is_not_set_up(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    yandex: YandexArtSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await refuse_access(hass, server, yandex)
    async with fixing(hass, hass_client, loaded) as dialog:
        await hass.config_entries.async_unload(loaded.entry_id)
        told = await dialog.submit()
        assert (told["type"], told["reason"]) == ("abort", "not_loaded")
