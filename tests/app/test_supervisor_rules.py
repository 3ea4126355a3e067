"""The rules themselves: what they let through, what they find, and that they say where."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.app.supervisor_rules import (
    app_config,
    folders,
    network,
    option_schema,
    rating,
    translations,
)
from tests.app.supervisor_rules.option_schema import InvalidOptionError

CONFIG: dict[str, Any] = {
    "name": "Lamp",
    "version": "1.0.0",
    "slug": "lamp",
    "description": "Shines",
    "arch": ["aarch64", "amd64"],
}


class TestOptions:
    @pytest.mark.parametrize(
        ("type_", "given", "taken"),
        [
            ("str", "", ""),
            ("str(1,3)", "abc", "abc"),
            ("password(,4)?", "abcd", "abcd"),
            ("int", "7", 7),
            ("int(-3,5)", 4.9, 4),
            ("float(,.5)", "0.25", 0.25),
            ("float(0,1)", 1, 1.0),
            ("bool", "Yes", True),
            ("bool?", "off", False),
            ("bool", 0, False),
            ("email", "me@example.com", "me@example.com"),
            ("url", "http://lamp:80/x", "http://lamp:80/x"),
            ("port", "8099", 8099),
            (r"match(^\d\d:\d\d$)", "23:00", "23:00"),
            ("match(^1)", 123, "123"),
            ("match(a)", "abc", "abc"),
            ("list(1|2)", 1, "1"),
            ("list(True|x)?", True, "True"),
            ("str", "!secret key", "hidden"),
        ],
    )
    def test_a_value_that_fits_is_taken_and_made_what_its_type_says(
        self, type_: str, given: object, taken: object
    ) -> None:
        assert option_schema.findings({"it": type_}) == []
        options = option_schema.validate({"it": type_}, {"it": given}, secrets={"key": "hidden"})
        assert options == {"it": taken}
        assert type(options["it"]) is type(taken)

    @pytest.mark.parametrize(
        ("type_", "given"),
        [
            ("str", 1234),
            ("str", None),
            ("str?", None),
            ("str(1,3)", "abcd"),
            ("password(1,)", ""),
            ("int", "1.5"),
            ("int(0,10)", 11),
            ("int(0,10)", []),
            ("float(0,1)", float("nan")),
            ("float", float),
            ("bool", "maybe"),
            ("email", "me"),
            ("url?", ""),
            ("port", 0),
            (r"match(^\d\d:\d\d$)", 1380),
            ("list(a|b)?", ""),
            ("device", "/dev/ttyUSB0"),
            ("str", "!secret nobody-knows"),
        ],
    )
    def test_a_value_that_does_not_fit_is_refused_with_its_path(self, type_: str, given: object) -> None:
        schema = {"outer": {"list": [{"it": type_}]}}
        with pytest.raises(InvalidOptionError) as caught:
            option_schema.validate(schema, {"outer": {"list": [{"it": given}]}})
        assert caught.value.path == "outer.list[0].it"

    @pytest.mark.parametrize(
        ("element", "may"),
        [
            ("str?", True),
            (["int?"], True),
            ("str", False),
            (["str"], False),
            ({"a": "str?"}, False),
            ([{"a": "str?"}], False),
        ],
    )
    def test_only_what_ends_in_a_question_mark_may_be_absent(self, *, element: object, may: bool) -> None:
        schema = {"it": element}
        if may:
            assert option_schema.validate(schema, {}) == {}
            return
        with pytest.raises(InvalidOptionError, match="it: is missing"):
            option_schema.validate(schema, {})

    def test_what_the_schema_does_not_know_is_left_out_at_any_depth(self) -> None:
        schema = {"a": {"b": [{"c": "int"}]}}
        options = {"a": {"b": [{"c": 1, "new": 2}], "old": 3}, "x": 4}
        assert option_schema.validate(schema, options) == {"a": {"b": [{"c": 1}]}}
        assert option_schema.unknown(schema, options) == ["a.b[0].new", "a.old", "x"]

    @pytest.mark.parametrize("given", [[], "text", None])
    def test_a_mapping_must_be_one(self, given: object) -> None:
        with pytest.raises(InvalidOptionError, match="a: must be a mapping"):
            option_schema.validate({"a": {}}, {"a": given})

    def test_mappings_are_merged_and_all_else_is_replaced(self) -> None:
        defaults = {"a": {"b": 1, "c": {"d": 2}}, "list": [1, 2], "kind": {"x": 1}}
        given = {"a": {"c": {"d": 3}}, "list": [9], "kind": "text", "new": None}
        merged = option_schema.merge(defaults, given)
        assert merged == {"a": {"b": 1, "c": {"d": 3}}, "list": [9], "kind": "text", "new": None}
        merged["a"]["c"]["d"] = 4
        assert given["a"] == {"c": {"d": 3}}

    @pytest.mark.parametrize(
        ("schema", "finding"),
        [
            ({"a": "string"}, "'string' is no type"),
            ({"a": "int(5)"}, "'int(5)' is no type"),
            ({"a": "list()"}, "'list()' is no type"),
            ({"a": "bool(1)"}, "'bool(1)' is no type"),
            ({"a": ""}, "takes no value"),
            ({"a": "match(()"}, "pattern is none"),
            ({"a": "int(9,1)"}, "holds nothing"),
            ({"a": []}, "type of its items"),
            ({"a": ["str", "int"]}, "type of its items"),
            ({"a": [["str"]]}, "must not hold a list"),
            ({"a": 5}, "not 5"),
            ({"a": {1: "str"}}, "must be text"),
            (["str"], "must be a mapping"),
        ],
    )
    def test_a_schema_that_serves_nobody_is_found(self, schema: object, finding: str) -> None:
        (found,) = option_schema.findings(schema)
        assert finding in found

    def test_the_options_of_a_schema_are_listed_with_their_types(self) -> None:
        schema = {"a": {"b": [{"c": "int"}]}, "d": ["str?"]}
        assert dict(option_schema.types(schema)) == {"a.b[].c": "int", "d[]": "str?"}


class TestConfig:
    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"map": ["ssl", "app_config:rw", {"type": "media", "read_only": False, "path": "/pictures"}]},
            {"ports": {"80/tcp": 80, "81": None}, "ports_description": {"80/tcp": "Page", "81": "More"}},
            {"ingress": True, "ingress_port": 8097, "ingress_stream": True, "panel_icon": "mdi:lamp"},
            {"image": "ghcr.io/lamps/lamp", "homeassistant": "2026.1.0", "breaking_versions": ["2.0.0"]},
            {"options": {"a": {"b": [1]}}, "schema": {"a": {"b": ["int"]}, "c": "str?"}},
            {"ulimits": {"nofile": 1024, "core": {"soft": 0, "hard": 1}}, "environment": {"A": "b"}},
            {"services": ["mqtt:want"], "discovery": ["lamp"], "machine": ["!yellow"], "timeout": 300},
        ],
    )
    def test_a_proper_app_has_no_findings(self, more: dict[str, Any]) -> None:
        assert app_config.findings(CONFIG | more) == []

    @pytest.mark.parametrize("key", ["name", "version", "slug", "description", "arch"])
    def test_a_required_key_is_missed(self, key: str) -> None:
        assert app_config.findings({name: CONFIG[name] for name in CONFIG if name != key}) == [
            f"{key}: is missing"
        ]

    @pytest.mark.parametrize(
        ("more", "finding"),
        [
            ({"option": {}}, "option: is dropped"),
            ({"advanced": True}, "advanced: has no effect"),
            ({"version": 1.1}, "version: must be text in quotes"),
            ({"slug": "a b"}, "slug: must look like"),
            ({"arch": ["armv7"]}, "arch: 'armv7' must be one of"),
            ({"arch": []}, "arch: names no architecture"),
            ({"boot": "auto"}, "boot: leave it out"),
            ({"init": True}, "init: leave it out"),
            ({"init": "no"}, "init: must be true or false"),
            ({"timeout": 5}, "timeout: must be a whole number from 10 to 300"),
            ({"url": "example.com"}, "url: must be an address"),
            ({"map": ["app_config:w"]}, "map: 'app_config:w' is skipped"),
            ({"map": ["ssl", "ssl:rw"]}, "map: ssl is there twice"),
            ({"map": ["addon_config"]}, "map: addon_config is called app_config"),
            ({"map": [{"type": "ssl", "mode": "rw"}]}, "must not have mode"),
            ({"ports": {"80/TCP": 80}}, "ports: '80/TCP' must look like"),
            ({"ports": {"80/tcp": 0}}, "ports: 80/tcp: must be a port"),
            ({"ports": {"80/tcp": 80}}, "ports: 80/tcp has no description"),
            ({"ports_description": {"80/tcp": "Page"}}, "ports_description: 80/tcp is no port"),
            ({"ingress_port": 8097}, "ingress_port: there is no ingress"),
            ({"ingress": True, "ingress_port": 0}, "ingress_port: 0 is for apps in the host's network"),
            ({"ingress": True, "webui": "http://[HOST]:[PORT:80]/"}, "webui: ingress is the way"),
            ({"watchdog": "tcp://[HOST]:80"}, "watchdog: give the image a HEALTHCHECK"),
            ({"image": "ghcr.io/lamps/lamp:1"}, "image: must have no tag"),
            ({"image": "ghcr.io/Lamps/lamp"}, "image: 'Lamps' can't be part"),
            ({"image": "Ghcr.io/lamps/lamp"}, "image: Ghcr.io is no registry"),
            ({"full_access": True, "uart": True}, "uart: full_access gives it already"),
            ({"privileged": ["ROOT"]}, "privileged: 'ROOT' must be one of"),
            ({"environment": {"TZ": "UTC"}}, "environment: TZ is overwritten"),
            ({"ulimits": {"nofile": {"soft": 1}}}, "ulimits: nofile: must have soft and hard"),
            ({"backup": "cold", "backup_pre": "x"}, "backup_pre: nothing is run"),
            ({"backup_exclude": ["/data/cache"]}, "never matches"),
            ({"backup_exclude": [""]}, "makes every backup fail"),
            ({"backup_exclude": ["**/cache"]}, "** means no more than *"),
            ({"schema": {"a": "strg"}}, "schema, a: 'strg' is no type"),
            ({"schema": False}, "none of the user's options reaches the app"),
            ({"options": {"a": 1}}, "options, a: is not in the schema"),
            ({"schema": {"a": "int"}}, "options, a: is missing"),
            ({"options": {"a": None}, "schema": {"a": "str"}}, "options, a: must be filled in"),
            ({"options": {"t": 1380}, "schema": {"t": r"match(^\d+:\d+$)"}}, "options, t: must match"),
        ],
    )
    def test_a_fault_is_found_and_named(self, more: dict[str, Any], finding: str) -> None:
        (found,) = app_config.findings(CONFIG | more)
        assert finding in found

    def test_a_port_that_may_be_chosen_for_ingress_is_found(self) -> None:
        more = {"ingress": True, "ingress_port": 0, "host_network": True}
        ports = {"ports": {"62000/tcp": 62000}, "ports_description": {"62000/tcp": "Page"}}
        assert app_config.findings(CONFIG | more) == []
        (found,) = app_config.findings(CONFIG | more | ports)
        assert "62000/tcp may be chosen for ingress" in found

    def test_a_list_is_no_app(self) -> None:
        assert app_config.findings([CONFIG]) != []


class TestContainer:
    def test_folders_are_mounted_where_the_supervisor_puts_them(self) -> None:
        config = {"map": ["app_config:rw", "ssl", "media:rw", {"type": "share", "path": "/all"}]}
        assert folders.mounted(config) == {
            "/data": True,
            "/config": True,
            "/ssl": False,
            "/media": True,
            "/all": False,
        }

    def test_data_can_be_moved_and_stays_writable(self) -> None:
        assert folders.mounted({"map": [{"type": "data", "path": "/store"}]}) == {"/store": True}

    def test_a_port_that_the_user_switched_off_is_not_published(self) -> None:
        config = {"ports": {"80/tcp": 80, "81/tcp": None}}
        assert network.published(config) == {"80/tcp": 80}
        assert network.published(config, {"80/tcp": None, "81/tcp": 8081}) == {"81/tcp": 8081}

    def test_ingress_has_a_port_where_there_is_ingress(self) -> None:
        assert network.ingress_port({"ingress_port": 1}) is None
        assert network.ingress_port({"ingress": True}) == 8099
        assert network.ingress_port({"ingress": True, "ingress_port": 8097}) == 8097

    def test_only_what_is_listed_may_be_announced(self) -> None:
        assert network.may_announce({"discovery": ["lamp"]}, "lamp")
        assert not network.may_announce({"discovery": ["lamp"]}, "lam")
        assert not network.may_announce({}, "lamp")


@pytest.mark.parametrize(
    ("config", "has_profile", "expected"),
    [
        ({}, False, 5),
        ({}, True, 6),
        ({"ingress": True, "auth_api": True}, True, 8),
        ({"auth_api": True}, False, 6),
        ({"apparmor": False, "ingress": True}, True, 6),
        ({"ingress": True, "host_network": True}, True, 7),
        ({"privileged": ["NET_ADMIN", "SYS_RAWIO"], "kernel_modules": True}, False, 4),
        ({"privileged": ["SYS_NICE"]}, False, 5),
        ({"host_uts": True, "privileged": ["SYS_ADMIN"]}, False, 3),
        ({"hassio_role": "manager"}, False, 4),
        ({"hassio_role": "admin", "host_pid": True, "apparmor": False}, False, 1),
        ({"full_access": True, "ingress": True}, True, 1),
        ({"docker_api": True, "ingress": True}, True, 1),
    ],
)
def test_the_rating_counts_what_an_app_may_do(
    *, config: dict[str, Any], has_profile: bool, expected: int
) -> None:
    assert rating.rate(config, has_profile=has_profile) == expected


class TestTranslations:
    CONFIG: ClassVar = {"schema": {"a": "str", "b": [{"c": "int"}]}, "ports": {"80/tcp": 80}}
    WHOLE: ClassVar = {
        "configuration": {
            "a": {"name": "A", "description": "The first"},
            "b": {"name": "B", "description": "Many", "fields": {"c": {"name": "C", "description": "One"}}},
        },
        "network": {"80/tcp": "Page"},
    }

    def test_one_that_names_everything_is_in_order(self) -> None:
        assert translations.findings(self.WHOLE) == []
        assert translations.gaps(self.CONFIG, self.WHOLE) == []

    @pytest.mark.parametrize(
        ("translation", "finding"),
        [
            ([], "must be a mapping"),
            ({"options": {}}, "options: is dropped"),
            ({"configuration": []}, "configuration: must be a mapping"),
            ({"configuration": {"a": "A"}}, "configuration.a: must be a mapping with a name"),
            ({"configuration": {"a": {"description": "x"}}}, "configuration.a: must have a name"),
            ({"configuration": {"a": {"name": "A", "hint": "x"}}}, "configuration.a.hint: is dropped"),
            ({"configuration": {"a": {"name": "A", "description": 1}}}, "a.description: must be text"),
            ({"configuration": {"a": {"name": "A", "fields": {"b": {}}}}}, "a.fields.b: must have a name"),
            ({"network": {"80/tcp": None}}, "network.80/tcp: must be text"),
            ({"network": []}, "network: must be a mapping"),
        ],
    )
    def test_what_the_supervisor_would_not_take_is_found(self, translation: object, finding: str) -> None:
        (found,) = translations.findings(translation)
        assert finding in found

    def test_what_has_no_name_is_found_and_what_is_not_there_too(self) -> None:
        translation = {
            "configuration": {"b": {"name": "B"}, "z": {"name": "Z"}},
            "network": {"80/TCP": "Page"},
        }
        assert translations.gaps(self.CONFIG, translation) == [
            "configuration.a: is missing",
            "configuration.b: has no description",
            "configuration.b.fields.c: is missing",
            "configuration.z: is no option of the app",
            "network.80/tcp: has no description",
            "network.80/TCP: is no port of the app",
        ]
