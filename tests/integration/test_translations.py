"""Every sentence has its counterpart, every key that is used exists, and none exists for nothing."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.helpers import entity_registry as er

from custom_components.aiframes.config_flow import (
    _IN_FLOWS,
    REAUTH_SCHEMA,
    RECONFIGURE_SCHEMA,
    USER_SCHEMA,
)
from custom_components.aiframes.issues import FIXABLE, NO_PROVIDER, SEVERITIES
from custom_components.aiframes.media_place import Folder
from custom_components.aiframes.system_health import async_system_health
from tests.integration.visiting import FRAME, show
from tests.integration.watching import find, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer

INTEGRATION = Path(__file__).parents[2] / "custom_components" / "aiframes"
SOURCES = {path.stem: path.read_text("utf-8") for path in INTEGRATION.glob("*.py")}
LANGUAGES = ("en", "ru")
OF_INFO_ALONE = {"server_too_old", "server_too_new"}
"""What only the first question to a server can bring to light."""


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((INTEGRATION / name).read_text("utf-8"))
    return found


def translation(language: str) -> dict[str, Any]:
    return read(f"translations/{language}.json")


ENGLISH = translation("en")


def texts(branch: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with its place."""
    if isinstance(branch, str):
        yield path, branch
    else:
        for key, inner in branch.items():
            yield from texts(inner, f"{path}.{key}" if path else key)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call with the last word of what is called."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def keys_of(node: ast.expr | None) -> set[str]:
    return {str(literal(key)) for key in node.keys if key} if isinstance(node, ast.Dict) else set()


def raised() -> Iterator[tuple[str, set[str]]]:
    """Yield each sentence that an error of ours says, with what it is filled with."""
    for source in SOURCES.values():
        for name, call in calls(source):
            if name == "Said" and (key := literal(call.args[0])):
                yield key, keys_of(call.args[1]) if len(call.args) > 1 else set()
            elif name.endswith(("Error", "Failed", "Unresolvable")):
                key = literal(keyword(call, "translation_key"))
                if key is not None:
                    yield key, keys_of(keyword(call, "translation_placeholders"))


def said_of_errors() -> set[str]:
    """Return the keys of what can be said of an error of the client."""
    return {str(literal(call.args[0])) for name, call in calls(SOURCES["failures"]) if name == "Said"}


def reasons(source: str) -> set[str]:
    """Return why flows end before they are done."""
    found = (literal(keyword(call, "reason")) for _, call in calls(source))
    return {reason for reason in found if reason is not None}


# The languages


def test_both_languages_say_the_same_things() -> None:
    english, russian = (dict(texts(translation(language))) for language in LANGUAGES)
    assert english.keys() == russian.keys()
    assert {
        path for path, text in english.items() if placeholders(text) != placeholders(russian[path])
    } == set()


def test_both_languages_have_the_same_order() -> None:
    assert [path for path, _ in texts(translation("en"))] == [path for path, _ in texts(translation("ru"))]


def test_what_is_russian_is_russian() -> None:
    russian = [
        (path, text.format_map(dict.fromkeys(placeholders(text), "")).strip())
        for path, text in texts(translation("ru"))
    ]
    assert [
        path for path, text in russian if text and not any("а" <= letter <= "я" for letter in text.lower())
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_and_labels_do_not(language: str) -> None:
    for path, text in texts(translation(language)):
        label = path.rpartition(".")[2] in {"title", "name"} or ".data." in path or ".info." in path
        if label:
            assert not text.endswith("."), path
        elif path.startswith(("config.", "exceptions.", "issues.")) and not text.endswith("}"):
            assert text.endswith((".", "?")), path


# Errors


def test_each_error_says_something_that_it_fills_in() -> None:
    found = list(raised())
    assert {"token_refused", "which_image", "picture_too_large"} & {key for key, _ in found}
    for key, given in found:
        assert key in ENGLISH["exceptions"], key
        assert placeholders(ENGLISH["exceptions"][key]["message"]) <= given, key


def test_no_error_is_told_by_nobody() -> None:
    everything = "\n".join(SOURCES.values())
    assert [key for key in ENGLISH["exceptions"] if f'"{key}"' not in everything] == []


# Flows


def test_each_error_of_a_flow_can_happen_and_is_said() -> None:
    from_server = {_IN_FLOWS.get(key, key) for key in said_of_errors()}
    assert ENGLISH["config"]["error"].keys() == from_server | {"invalid_url", "unknown"}


def test_each_end_of_a_flow_can_come_and_is_said() -> None:
    by_home_assistant = {"already_configured", "reauth_successful", "reconfigure_successful"}
    assert ENGLISH["config"]["abort"].keys() == reasons(SOURCES["config_flow"]) | by_home_assistant


def test_each_form_of_a_flow_and_each_field_is_described() -> None:
    schemas = {"user": USER_SCHEMA, "reauth_confirm": REAUTH_SCHEMA, "reconfigure": RECONFIGURE_SCHEMA}
    steps = ENGLISH["config"]["step"]
    assert steps.keys() == schemas.keys() | {"hassio_confirm"}
    for step, schema in schemas.items():
        fields = {str(field) for field in schema.schema}
        assert steps[step]["data"].keys() == steps[step]["data_description"].keys() == fields
    filled = {path: placeholders(text) for path, text in texts(steps)}
    assert {name for names in filled.values() for name in names} == {"name"}
    assert not any(names for path, names in filled.items() if path.startswith("user."))


# Repairs


def test_each_issue_is_said_and_filled_in() -> None:
    issues = ENGLISH["issues"]
    assert issues.keys() == SEVERITIES.keys()
    assert {code for code, told in issues.items() if "fix_flow" in told} == FIXABLE
    for code, told in issues.items():
        given = {"server"} if code == NO_PROVIDER else {"server", "subject", "detail"}
        assert placeholders(told["title"] + told.get("description", "")) <= given, code


@pytest.mark.parametrize("code", sorted(FIXABLE))
def test_each_way_through_a_repair_is_said_and_filled_in(code: str) -> None:
    flow = ENGLISH["issues"][code]["fix_flow"]
    assert flow["step"].keys() == {"confirm"}
    assert flow["error"].keys() == said_of_errors() - OF_INFO_ALONE | {"no_picture"}
    assert flow["abort"].keys() == reasons(SOURCES["repairs"])
    for path, text in texts(flow):
        given = {"server", "provider", "reason"} if path.startswith("error.") else {"server", "provider"}
        assert placeholders(text) <= given, path


# The rest


async def test_each_fact_of_the_systems_page_is_named(hass: HomeAssistant) -> None:
    found = await async_system_health(hass)
    assert ENGLISH["system_health"]["info"].keys() == found.keys()
    assert await found["can_reach_server"] == "ok"


def test_each_common_word_is_a_folder_of_the_media_browser() -> None:
    folders = {folder for folder in Folder if folder is not Folder.PROVIDER} | {"pushed"}
    assert ENGLISH["common"].keys() == {f"media_{folder}" for folder in folders}


@pytest.fixture
def options() -> str:
    """A server with every kind of provider."""
    return "providers:\n  ydArt:\n    folder_id: none\n    api_key: none\n"


async def test_each_entity_has_its_name_and_each_name_its_entity(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    await until(lambda: find(hass, loaded, "image", f"frame_{FRAME}_shown_now"))
    await hass.async_block_till_done()
    entities = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    found = {(entity.domain, entity.translation_key) for entity in entities}
    named = {(platform, key) for platform, keys in ENGLISH["entity"].items() for key in keys}
    assert found == named
    with_icon = {(platform, key) for platform, keys in read("icons.json")["entity"].items() for key in keys}
    without_class = {
        (entity.domain, entity.translation_key) for entity in entities if not entity.original_device_class
    }
    assert without_class <= with_icon <= named
    for entity in entities:
        told = ENGLISH["entity"][entity.domain][str(entity.translation_key)]["name"]
        is_of_provider = placeholders(told) == {"provider"}
        assert placeholders(told) <= {"provider"}
        assert is_of_provider is ("ydArt" in entity.unique_id), entity.unique_id
        assert "{" not in str(entity.original_name)
