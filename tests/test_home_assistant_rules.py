"""The rules themselves: what they let through, what they find, and that they say where."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.home_assistant_rules import icons, imports, manifest, services, translations
from tests.home_assistant_rules.sources import Module

MANIFEST: dict[str, Any] = {
    "domain": "lamp",
    "name": "Lamp",
    "codeowners": ["@me"],
    "config_flow": True,
    "documentation": "https://example.com",
    "integration_type": "device",
    "iot_class": "local_push",
    "issue_tracker": "https://example.com/issues",
    "version": "1.0.0",
}


class TestManifest:
    def test_a_right_one_passes(self) -> None:
        assert manifest.findings(MANIFEST, folder="lamp") == []

    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"homeassistant": "2026.8.0"}, "homeassistant"),
            ({"iot_class": "local"}, "iot_class"),
            ({"codeowners": []}, "codeowners"),
            ({"codeowners": ["me"]}, "codeowners"),
            ({"documentation": "http://example.com"}, "documentation"),
            ({"documentation": "https://www.home-assistant.io/integrations/lamp"}, "documentation"),
            ({"version": "1.0"}, "version"),
            ({"quality_scale": "diamond"}, "quality_scale"),
            ({"domain": "bulb"}, "domain"),
        ],
    )
    def test_a_fault_is_found(self, changes: dict[str, Any], where: str) -> None:
        (found,) = manifest.findings(MANIFEST | changes, folder="lamp")
        assert where in found

    def test_the_order_counts(self) -> None:
        turned = dict(reversed(MANIFEST.items()))
        assert manifest.findings(turned, folder="lamp") == ["keys: domain, name, then by the alphabet"]

    def test_what_is_missing_is_found(self) -> None:
        for key in MANIFEST:
            rest = {name: value for name, value in MANIFEST.items() if name != key}
            assert bool(manifest.findings(rest, folder="lamp")) is (key != "config_flow"), key


class TestTranslations:
    def test_right_ones_pass(self) -> None:
        assert (
            translations.findings(
                {
                    "config": {
                        "step": {"user": {"data": {"host": "Host"}, "data_description": {"host": "It"}}}
                    },
                    "entity": {"sensor": {"left": {"name": "{provider} left", "state": {"a-b": "Some"}}}},
                    "exceptions": {"gone": {"message": "{what} isn't there"}},
                    "issues": {"full": {"title": "Full", "fix_flow": {"step": {"init": {"title": "T"}}}}},
                    "services": {"shine": {"name": "Shine", "description": "Does"}},
                }
            )
            == []
        )

    @pytest.mark.parametrize(
        ("wrong", "where"),
        [
            ({"sensors": {}}, ": "),
            ({"title": " Lamp"}, "title"),
            ({"title": "<b>Lamp</b>"}, "title"),
            ({"title": "See https://example.com"}, "title"),
            ({"title": "Lamp '{name}'"}, "title"),
            ({"title": "{first name}"}, "title"),
            ({"title": "{name"}, "title"),
            ({"title": "[%key:common::name%]"}, "title"),
            ({"entity": {"sensor": {"left": {"state": {"on": "{name}"}}}}}, "entity.sensor.left.state.on"),
            ({"entity": {"sensor": {"Left": {"name": "Left"}}}}, "entity.sensor"),
            ({"exceptions": {"gone": {"text": "Gone"}}}, "exceptions.gone"),
            ({"issues": {"full": {"title": "Full"}}}, "issues.full"),
            ({"services": {"shine": {"name": "Shine"}}}, "services.shine"),
            (
                {"config": {"step": {"user": {"data": {"a": "A"}, "data_description": {"b": "B"}}}}},
                "config.step.user.data_description.b",
            ),
        ],
    )
    def test_a_fault_is_found(self, wrong: dict[str, Any], where: str) -> None:
        found = translations.findings(wrong)
        assert found
        assert all(one.startswith(where) for one in found), found


class TestIcons:
    def test_right_ones_pass(self) -> None:
        entity = {"default": "mdi:lamp", "state": {"on": "mdi:lamp-on"}, "range": {"0": "mdi:lamp"}}
        assert icons.findings({"entity": {"light": {"desk": entity}}, "services": {"a": "mdi:eye"}}) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"entity": {"light": {"desk": {"default": "hass:lamp"}}}},
            {"entity": {"light": {"desk": {"icon": "mdi:lamp"}}}},
            {"services": {"shine": {"default": "mdi:lamp"}}},
            {"entities": {}},
        ],
    )
    def test_a_fault_is_found(self, wrong: dict[str, Any]) -> None:
        assert icons.findings(wrong)


class TestServices:
    FILE: ClassVar[dict[str, Any]] = {
        "shine": {"fields": {"long": {"example": 3, "selector": {"text": None}}}}
    }
    TEXTS: ClassVar[dict[str, Any]] = {"services": {"shine": {"fields": {"long": {}}}}}
    ICONS: ClassVar[dict[str, Any]] = {"services": {"shine": {}}}

    def test_right_ones_pass(self) -> None:
        assert services.findings(self.FILE) == []
        assert services.gaps(self.FILE, self.TEXTS, self.ICONS) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"shine": {"name": "Shine"}},
            {"shine": {"fields": {"long": {"example": 3}}}},
            {"shine": {"fields": {"long": {"selector": {"text": None, "number": None}}}}},
            {"shine": {"fields": {"long": {"selector": {"text": None}, "default": None}}}},
            {"Shine": {}},
        ],
    )
    def test_a_fault_is_found(self, wrong: dict[str, Any]) -> None:
        assert services.findings(wrong)

    def test_what_one_file_does_not_say_is_found(self) -> None:
        assert services.gaps(self.FILE, {}, {"services": {"glow": {}}}) == [
            "services.glow: is no action, but has an icon",
            "services.shine: has no icon",
            "services.shine: is not translated",
        ]
        assert services.gaps(self.FILE, {"services": {"shine": {"fields": {"how": {}}}}}, self.ICONS) == [
            "services.shine.fields.how: is translated for nothing",
            "services.shine.fields.long: is not translated",
        ]


class TestImports:
    def test_what_is_named_or_free_passes(self) -> None:
        source = (
            "from homeassistant.components import http, sensor\n"
            "from homeassistant.components.media_source import MediaSource\n"
            "from homeassistant.helpers import entity\n"
            "if TYPE_CHECKING:\n    from homeassistant.components.recorder import Recorder\n"
        )
        assert imports.findings({"thing": source}, {"http"}) == []
        diagnosis = "from homeassistant.components.diagnostics import async_redact_data\n"
        assert imports.findings({"diagnostics": diagnosis}, set()) == []

    @pytest.mark.parametrize(
        "source",
        [
            "from homeassistant.components import recorder",
            "from homeassistant.components.recorder.models import State",
            "import homeassistant.components.recorder",
            "def late():\n    from homeassistant.components import recorder",
        ],
    )
    def test_what_is_not_is_found(self, source: str) -> None:
        found = imports.findings({"thing": source}, {"http"})
        assert found == ["thing.py: uses recorder, which the manifest does not name"]


class TestSources:
    MODULE = Module(
        "import time\n"
        "LIMIT: int = 3\n"
        "class Lamp(Light, Switch):\n"
        "    def press(self):\n"
        "        self._press()\n"
        "    def _press(self):\n"
        "        with guarded(self):\n"
        "            press()\n"
        "def fail():\n"
        "    raise errors.LampError(key='gone') from None\n"
    )

    def test_what_a_file_is_made_of_is_found(self) -> None:
        assert self.MODULE.imports == {"time"}
        assert self.MODULE.constants == {"LIMIT": "3"}
        assert [(one.name, one.bases) for one in self.MODULE.classes] == [("Lamp", ["Light", "Switch"])]
        (raised,) = self.MODULE.raised
        assert (raised.name, raised.function, raised.keywords) == ("LampError", "fail", frozenset({"key"}))

    def test_who_is_called_in_the_end_is_found(self) -> None:
        assert self.MODULE.functions["_press"].calls == ["guarded", "press"]
        assert self.MODULE.reaches("press", "guarded")
        assert not self.MODULE.reaches("fail", "guarded")
