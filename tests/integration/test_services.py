"""The actions that keep prompts and pictures, and how every action finds its server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import voluptuous as vol
import yaml
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.selector import validate_selector
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.aiframes.services import LONGEST_WAIT, SCHEMAS, Action
from tests.integration.acting import act, act_silently, another_server, first_picture, refused
from tests.integration.conftest import DOMAIN, RealServer

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

FILE = Path(__file__).parents[2] / "custom_components" / "aiframes" / "services.yaml"
FIELDS: dict[str, Any] = {
    name: action["fields"] for name, action in yaml.safe_load(FILE.read_text("utf-8")).items()
}


def texts(server: RealServer) -> list[str]:
    """Return the prompts of the book, the oldest first."""
    return [prompt["prompt"] for prompt in server.ask("/api/v1/prompts")["prompts"]]


@pytest.mark.usefixtures("loaded")
class TestAddPrompt:
    async def test_it_is_the_newest_of_the_book(self, hass: HomeAssistant, server: RealServer) -> None:
        added = await act(hass, "add_prompt", prompt="a lighthouse", negative="people")
        assert added["removed"] == []
        assert (added["prompt"]["prompt"], added["prompt"]["negative"]) == ("a lighthouse", "people")
        assert server.ask(f"/api/v1/prompts/{added['prompt']['id']}")["idx"] == len(texts(server))

    async def test_nobody_has_to_want_the_response(self, hass: HomeAssistant, server: RealServer) -> None:
        await act_silently(hass, "add_prompt", prompt="a lighthouse")
        assert texts(server)[-1] == "a lighthouse"

    @pytest.mark.parametrize("options", ["prompts_amount: 2"])
    async def test_a_full_book_tells_what_left_for_it(self, hass: HomeAssistant, server: RealServer) -> None:
        (oldest,) = texts(server)
        await act(hass, "add_prompt", prompt="one")
        added = await act(hass, "add_prompt", prompt="two")
        assert [gone["prompt"] for gone in added["removed"]] == [oldest]
        assert texts(server) == ["one", "two"]

    @pytest.mark.parametrize(
        ("prompt", "reason"),
        [("a lighthouse", "there already"), ("   ", "empty"), ("", "prompt"), ("x" * 2001, "2000")],
    )
    async def test_what_can_not_be_kept_is_refused_with_the_reason(
        self, hass: HomeAssistant, server: RealServer, prompt: str, reason: str
    ) -> None:
        await act(hass, "add_prompt", prompt="a lighthouse")
        with refused("refused", reason):
            await act(hass, "add_prompt", prompt=prompt)
        assert texts(server).count("a lighthouse") == 1
        await act(hass, "add_prompt", prompt="another one")


@pytest.mark.usefixtures("loaded")
class TestRemovePrompt:
    @pytest.mark.parametrize("text", ["a lighthouse", "  a lighthouse\n"])
    async def test_it_goes_by_its_text(self, hass: HomeAssistant, server: RealServer, text: str) -> None:
        await act(hass, "add_prompt", prompt="a lighthouse")
        removed = await act(hass, "remove_prompt", prompt=text)
        assert removed["prompt"]["prompt"] == "a lighthouse"
        assert "a lighthouse" not in texts(server)

    async def test_it_goes_by_its_id_even_as_a_number(self, hass: HomeAssistant, server: RealServer) -> None:
        added = await act(hass, "add_prompt", prompt="a lighthouse")
        await act_silently(hass, "remove_prompt", prompt_id=added["prompt"]["id"])
        assert "a lighthouse" not in texts(server)

    async def test_one_that_is_not_there_is_said_so(self, hass: HomeAssistant) -> None:
        with refused("no_such_prompt", "a unicorn"):
            await act(hass, "remove_prompt", prompt="a unicorn")
        with refused("not_found"):
            await act(hass, "remove_prompt", prompt_id="4711")

    @pytest.mark.parametrize("data", [{}, {"prompt": "a", "prompt_id": "1"}, {"prompt": ""}])
    async def test_exactly_one_way_is_wanted(self, hass: HomeAssistant, data: dict[str, Any]) -> None:
        with refused("which_prompt"):
            await act(hass, "remove_prompt", **data)


@pytest.mark.usefixtures("loaded")
class TestListPrompts:
    async def test_all_are_there_with_all_that_is_known(
        self, hass: HomeAssistant, server: RealServer
    ) -> None:
        placeholders = {"colour": ["red", "green"]}
        server.ask("/api/v1/prompts", {"prompt": "a [[colour]] fox", "placeholders": placeholders})
        listed = await act(hass, "list_prompts")
        told = server.ask("/api/v1/prompts")
        assert listed == {"prompts": told["prompts"], "limit": told["limit"]}
        assert listed["prompts"][-1]["placeholders"] == placeholders

    async def test_a_template_can_use_it(self, hass: HomeAssistant) -> None:
        """Nothing in it but what JSON has."""
        listed = await act(hass, "list_prompts")
        assert json.loads(json.dumps(listed)) == listed


class TestDeleteImage:
    async def test_it_is_gone_and_can_be_brought_back_there(
        self, hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
    ) -> None:
        picture = await first_picture(hass, loaded)
        await act_silently(hass, "delete_image", image_id=picture.id)
        assert server.ask("/api/v1/images/search", {})["total"] == 0
        server.ask(f"/api/v1/images/{picture.id}/restore", {})
        assert server.ask("/api/v1/images/search", {})["total"] == 1

    @pytest.mark.usefixtures("loaded")
    async def test_one_that_is_not_there_is_said_so(self, hass: HomeAssistant) -> None:
        with refused("not_found"):
            await act_silently(hass, "delete_image", image_id="4711")


class TestWhichServer:
    @pytest.mark.usefixtures("loaded")
    async def test_of_two_one_has_to_be_named(
        self, hass: HomeAssistant, server: RealServer, tmp_path: Path
    ) -> None:
        async with another_server(hass, tmp_path / "second") as (second, entry):
            with pytest.raises(ServiceValidationError, match="multiple config entries"):
                await act(hass, "add_prompt", prompt="a lighthouse")
            await act(hass, "add_prompt", config_entry_id=entry.entry_id, prompt="a lighthouse")
            assert texts(second)[-1] == "a lighthouse"
            assert "a lighthouse" not in texts(server)

    async def test_one_that_is_not_loaded_is_said_so(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        await hass.config_entries.async_unload(loaded.entry_id)
        with pytest.raises(ServiceValidationError, match="not loaded"):
            await act(hass, "list_prompts")
        with pytest.raises(ServiceValidationError, match="not loaded"):
            await act(hass, "list_prompts", config_entry_id=loaded.entry_id)
        assert await hass.config_entries.async_setup(loaded.entry_id)
        assert await act(hass, "list_prompts")

    @pytest.mark.usefixtures("loaded")
    async def test_what_is_none_of_ours_is_said_so(self, hass: HomeAssistant) -> None:
        other = MockConfigEntry(domain="sun", state=ConfigEntryState.LOADED)
        other.add_to_hass(hass)
        with pytest.raises(ServiceValidationError, match="does not belong"):
            await act(hass, "list_prompts", config_entry_id=other.entry_id)
        with pytest.raises(ServiceValidationError, match="was not found"):
            await act(hass, "list_prompts", config_entry_id="nothing")

    async def test_without_any_the_actions_are_there_and_say_so(self, hass: HomeAssistant) -> None:
        """An automation that calls them is checked before the server is set up."""
        assert await async_setup_component(hass, DOMAIN, {})
        assert set(hass.services.async_services_for_domain(DOMAIN)) == set(Action)
        with pytest.raises(ServiceValidationError, match="Could not find config entry"):
            await act(hass, "list_prompts")


@pytest.mark.usefixtures("loaded")
class TestWhoMay:
    async def test_everybody_who_lives_here(self, hass: HomeAssistant, server: RealServer) -> None:
        """As with buttons and lists; what costs money has its limits at the server."""
        inhabitant = MockUser(groups=[await hass.auth.async_get_group(GROUP_ID_USER)]).add_to_hass(hass)
        assert not inhabitant.is_admin
        context = Context(user_id=inhabitant.id)
        await act(hass, "add_prompt", context, prompt="a lighthouse")
        await act(hass, "generate", context, prompt="a lighthouse")
        assert texts(server)[-1] == "a lighthouse"


class TestDescription:
    @pytest.mark.parametrize("action", list(Action))
    def test_the_form_has_the_fields_that_are_taken(self, action: Action) -> None:
        markers = {str(marker): marker for marker in SCHEMAS[action].schema}
        assert FIELDS[action].keys() == markers.keys()
        for name, field in FIELDS[action].items():
            assert field.get("required", False) is isinstance(markers[name], vol.Required)
            if "default" in field:
                assert markers[name].default() == field["default"]

    def test_the_form_and_the_code_have_the_same_longest_wait(self) -> None:
        assert FIELDS["generate"]["wait"]["selector"]["number"]["max"] == LONGEST_WAIT

    @pytest.mark.parametrize("action", list(Action))
    def test_each_field_has_a_selector_that_there_is(self, action: Action) -> None:
        for field in FIELDS[action].values():
            validate_selector(field["selector"])

    @pytest.mark.parametrize("action", list(Action))
    def test_an_example_is_taken(self, action: Action) -> None:
        SCHEMAS[action](
            {name: field.get("example", field.get("default", "x")) for name, field in FIELDS[action].items()}
        )

    @pytest.mark.usefixtures("loaded")
    async def test_home_assistant_knows_what_comes_back(self, hass: HomeAssistant) -> None:
        none, always = SupportsResponse.NONE, SupportsResponse.ONLY
        wanted = {"delete_image": none, "list_prompts": always}
        for action in Action:
            supports = hass.services.supports_response(DOMAIN, action)
            assert supports is wanted.get(action, SupportsResponse.OPTIONAL), action

    @pytest.mark.parametrize(
        ("action", "data"),
        [
            ("generate", {"wait": 121}),
            ("generate", {"wait": -1}),
            ("generate", {"show": "perhaps"}),
            ("generate", {"size": "large"}),
            ("add_prompt", {}),
            ("show_image", {"media": {"media_content_type": "image/jpeg"}}),
        ],
    )
    @pytest.mark.usefixtures("loaded")
    async def test_what_does_not_fit_is_named(
        self, hass: HomeAssistant, action: str, data: dict[str, Any]
    ) -> None:
        place = next(iter(data), "prompt")
        with pytest.raises(vol.Invalid, match=place):
            await act(hass, action, **data)
