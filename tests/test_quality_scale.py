"""The integration keeps what `quality_scale.yaml` claims, as far as its files can tell."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.home_assistant_rules import scale
from tests.home_assistant_rules.sources import Module, read_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "aiframes"
RULES: dict[str, Any] = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text("utf-8"))["rules"]
MODULES = read_modules(INTEGRATION)
CLIENT = read_modules(INTEGRATION / "api")
MANIFEST: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
ENGLISH: dict[str, Any] = json.loads((INTEGRATION / "translations" / "en.json").read_text("utf-8"))
ICONS: dict[str, Any] = json.loads((INTEGRATION / "icons.json").read_text("utf-8"))
SERVICES: dict[str, Any] = yaml.safe_load((INTEGRATION / "services.yaml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "integration.md").read_text("utf-8")

PLATFORMS = [name.lower() for name in MODULES["__init__"].attributes_of("Platform")]
WRITING = {"button", "number", "switch", "todo"}
COMMANDS = {"async_press", "async_set_native_value", "async_turn_off", "async_turn_on"} | {
    f"async_{verb}_todo_{what}"
    for verb, what in (("create", "item"), ("delete", "items"), ("move", "item"), ("update", "item"))
}


def status(rule: str) -> str:
    told = RULES[rule]
    return str(told if isinstance(told, str) else told["status"])


class TestClaims:
    def test_every_rule_is_there_in_the_scales_order(self) -> None:
        assert len(RULES) == 54
        assert {rule for tier in scale.TIERS.values() for rule in tier} == RULES.keys()
        tiers = [next(tier for tier, rules in scale.TIERS.items() if rule in rules) for rule in RULES]
        assert tiers == sorted(tiers, key=list(scale.TIERS).index)

    @pytest.mark.parametrize("rule", RULES)
    def test_it_is_kept_or_there_is_a_reason(self, rule: str) -> None:
        told = RULES[rule]
        assert status(rule) in {"done", "exempt"}
        if isinstance(told, dict):
            assert told.keys() == {"status", "comment"}
            assert len(told["comment"]) > 20
        else:
            assert told == "done"

    def test_the_manifest_claims_as_much(self) -> None:
        assert MANIFEST["quality_scale"] == list(scale.TIERS)[-1]


class TestExemptions:
    def test_there_is_no_dependency(self) -> None:
        assert MANIFEST.get("requirements", []) == []

    @pytest.mark.parametrize("what", ["triggers", "conditions"])
    def test_there_are_none_of_its_own(self, what: str) -> None:
        assert what.rstrip("s") not in MODULES
        assert not (INTEGRATION / f"{what}.yaml").exists()
        assert what not in ENGLISH

    def test_there_are_no_options(self) -> None:
        assert "async_get_options_flow" not in MODULES["config_flow"].functions
        assert "options" not in ENGLISH


class TestSetUp:
    def test_actions_are_there_before_any_server(self) -> None:
        assert "async_setup_services" in MODULES["__init__"].functions["async_setup"].calls
        assert "CONFIG_SCHEMA" in MODULES["__init__"].constants
        registering = [name for name, module in MODULES.items() if "services.async_register" in module.text]
        assert registering == ["services"]

    def test_the_server_is_asked_before_entities_are_made_and_before_an_entry_is(self) -> None:
        set_up = MODULES["__init__"].functions["async_setup_entry"].calls
        assert set_up.index("async_config_entry_first_refresh") < set_up.index("async_forward_entry_setups")
        flow = MODULES["config_flow"].functions
        assert "info" in flow["_ask"].calls
        for step in ("async_step_user", "async_step_hassio_confirm", "async_step_reconfigure"):
            assert "_ask" in flow[step].calls, step

    def test_what_is_kept_while_it_runs_is_kept_at_the_entry(self) -> None:
        assert "runtime_data = " in MODULES["__init__"].text
        assert "type AiframesConfigEntry = ConfigEntry[AiframesCoordinator]" in MODULES["coordinator"].text
        assert all("hass.data" not in module.text for module in MODULES.values())

    def test_a_server_is_set_up_once(self) -> None:
        user = MODULES["config_flow"].functions["async_step_user"].calls
        assert user.index("async_set_unique_id") < user.index("_abort_if_unique_id_configured")

    def test_it_can_be_unloaded(self) -> None:
        assert "async_unload_platforms" in MODULES["__init__"].functions["async_unload_entry"].calls

    @pytest.mark.parametrize("step", ["hassio", "reauth", "reauth_confirm", "reconfigure", "user"])
    def test_there_is_every_way_in(self, step: str) -> None:
        assert f"async_step_{step}" in MODULES["config_flow"].functions

    def test_every_field_is_explained(self) -> None:
        for step, texts in ENGLISH["config"]["step"].items():
            assert texts.get("data", {}).keys() == texts.get("data_description", {}).keys(), step


class TestEntities:
    def modules(self) -> Iterator[Module]:
        yield from (MODULES[platform] for platform in PLATFORMS)

    def test_each_platform_has_a_module(self) -> None:
        assert len(PLATFORMS) >= 8
        assert set(PLATFORMS) <= MODULES.keys()

    def test_each_says_how_many_updates_go_on_at_once(self) -> None:
        told = {platform: MODULES[platform].constants["PARALLEL_UPDATES"] for platform in PLATFORMS}
        assert told == {platform: "1" if platform in WRITING else "0" for platform in PLATFORMS}

    def test_names_ids_and_devices_come_from_one_place(self) -> None:
        shared = MODULES["entity"].text
        assert "_attr_has_entity_name = True" in shared
        for module in self.modules():
            assert "_attr_unique_id" not in module.text
            for entity in module.classes:
                assert set(entity.bases) & {"AiframesEntity", "FrameEntity", "ProviderEntity"}, entity.name

    def test_no_name_and_no_icon_stands_in_the_code(self) -> None:
        for module in (*self.modules(), MODULES["entity"], MODULES["figures"]):
            assert "_attr_name" not in module.text
            assert "_attr_icon" not in module.text
            assert "icon=" not in module.text

    def test_listening_begins_and_ends_with_the_entity(self) -> None:
        for module in self.modules():
            for function in module.functions.values():
                if "async_listen_events" in function.calls:
                    assert function.name == "async_added_to_hass"
                    assert "async_on_remove" in function.calls

    def test_what_a_person_does_fails_with_a_sentence(self) -> None:
        found = set()
        for module in self.modules():
            for name in COMMANDS & module.functions.keys():
                found.add(name)
                assert module.reaches(name, "translated"), name
        assert found == COMMANDS

    def test_each_kind_of_entity_has_an_icon_or_a_class(self) -> None:
        """A device class brings an icon; a to-do list has one of its own."""
        classed = {
            *("last_generation", "last_seen", "next_generation", "storage_used", "generation_interval"),
            "problem",
        }
        for platform, keys in ENGLISH["entity"].items():
            for key in keys.keys() - classed:
                assert key in ICONS["entity"].get(platform, {}), f"{platform}.{key}"

    @pytest.mark.parametrize(
        "part", ["device_class=", "entity_category=", "entity_registry_enabled_default="]
    )
    def test_figures_say_what_they_are(self, part: str) -> None:
        assert part in MODULES["figures"].text


class TestErrors:
    def test_every_error_is_translated(self) -> None:
        kinds = {"HomeAssistantError", "ServiceValidationError", "UpdateFailed", "ConfigEntryError"}
        for name, module in MODULES.items():
            for call in module.raised:
                if call.name not in kinds:
                    continue
                inside = name == "pictures_at_hand" and "translation_key" not in call.keywords
                if inside:  # caught in the same file, and told as the reason of a translated one
                    assert module.functions[call.function].name in {"_snapshot", "_fetch"}
                    continue
                assert {"translation_domain", "translation_key"} <= call.keywords, f"{name}: {call.name}"

    def test_only_the_coordinator_says_that_the_server_is_away(self) -> None:
        assert "DataUpdateCoordinator[" in MODULES["coordinator"].text
        loud = {"warning", "error"}
        assert not loud & {call for one in MODULES["coordinator"].functions.values() for call in one.calls}


class TestDevices:
    def test_frames_come_and_go(self) -> None:
        assert "async_add_listener" in MODULES["entity"].functions["async_add_for_each"].calls
        set_up = MODULES["__init__"].functions
        assert any("async_remove_device" in function.calls for function in set_up.values())
        assert "async_remove_config_entry_device" in set_up

    def test_a_known_server_is_followed_to_a_new_address(self) -> None:
        assert MODULES["config_flow"].reaches("async_step_hassio", "async_update_entry")

    def test_there_are_diagnostics_and_repairs(self) -> None:
        assert "async_get_config_entry_diagnostics" in MODULES["diagnostics"].functions
        assert "async_create_fix_flow" in MODULES["repairs"].functions
        assert "async_delete_issue" in MODULES["issues"].text


class TestClient:
    def test_it_waits_for_nothing_in_the_loop(self) -> None:
        blocking = {"requests", "urllib3", "http.client", "socket", "time", "urllib.request"}
        for name, module in CLIENT.items():
            assert not blocking & module.imports, name

    def test_home_assistants_session_is_used(self) -> None:
        opening = [name for name, module in {**MODULES, **CLIENT}.items() if "ClientSession(" in module.text]
        assert opening == []
        assert "async_get_clientsession" in MODULES["coordinator"].text

    def test_types_are_checked_strictly_on_every_change(self) -> None:
        assert (INTEGRATION / "py.typed").exists()
        settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
        assert settings["strict"] is True
        checked = (ROOT / "scripts" / "lint").read_text("utf-8")
        assert any("mypy" in line and "custom_components" in line for line in checked.splitlines())


class TestDocumentation:
    @pytest.mark.parametrize(
        "heading",
        [
            *("Supported devices", "Installation", "Installation parameters", "Configuration parameters"),
            *("Removal", "Devices and entities", "Actions", "How data is updated", "Use cases", "Examples"),
            *("Known limitations", "Troubleshooting"),
        ],
    )
    def test_it_has_a_chapter_on(self, heading: str) -> None:
        (text,) = (part for title, part in chapters() if title == heading)
        assert text.strip()

    def test_it_says_first_what_this_is(self) -> None:
        assert len(PAGE.split("\n\n")[1]) > 200

    def test_every_entity_is_in_it(self) -> None:
        for platform, keys in ENGLISH["entity"].items():
            for key, texts in keys.items():
                assert f"**{texts['name']}**" in PAGE, f"{platform}.{key}"

    def test_every_state_is_in_it(self) -> None:
        for name in ENGLISH["entity"]["sensor"]["state"]["state"].values():
            assert f"*{name}*" in PAGE

    def test_every_action_and_each_of_its_fields_are_in_it(self) -> None:
        for action, told in SERVICES.items():
            (text,) = (part for title, part in chapters() if title == f"`aiframes.{action}`")
            for field in told["fields"].keys() - {"config_entry_id"}:
                assert f"| `{field}` |" in text, f"{action}: {field}"
        assert "`config_entry_id`" in PAGE

    def test_everything_that_is_asked_for_is_in_it(self) -> None:
        (text,) = (part for title, part in chapters() if title == "Installation parameters")
        for label in ENGLISH["config"]["step"]["user"]["data"].values():
            assert f"| **{label}** |" in text

    def test_what_it_says_of_polling_is_true(self) -> None:
        assert "timedelta(seconds=30)" in MODULES["coordinator"].constants["POLL_INTERVAL"]
        assert "polled every 30 seconds" in PAGE


def chapters() -> Iterator[tuple[str, str]]:
    """Yield each heading with what stands below it, smaller headings too."""
    lines = PAGE.splitlines()
    headings = [number for number, line in enumerate(lines) if line.startswith("#")]
    for number in headings:
        later = (
            other for other in headings if other > number and depth(lines[other]) <= depth(lines[number])
        )
        yield lines[number].lstrip("# "), "\n".join(lines[number + 1 : next(later, len(lines))])


def depth(heading: str) -> int:
    return len(heading) - len(heading.lstrip("#"))
