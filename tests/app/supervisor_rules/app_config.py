"""An app's config.yaml.

Supervisor: apps/validate.py (_SCHEMA_APP_CONFIG, _migrate_app_config, _warn_app_config). It drops a key that
it does not know without a word; the linter refuses it. The linter also refuses a key that says what would
hold anyway.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import backup_patterns, folders, option_schema
from .checks import (
    anything,
    flag,
    image,
    like,
    limit,
    list_of,
    mapping_of,
    one_of,
    port_or_dynamic,
    port_or_none,
    text,
    url,
    version,
    whole_number,
)
from .option_schema import InvalidOptionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .checks import Check

_NOTHING = object()
"""The default of a key that has none."""

_PORT = like(r"\d+(/tcp|/udp)?")
_HOST_OR_PORT = r"://\[HOST\]:"

DYNAMIC_INGRESS_PORTS = range(62000, 65501)

SET_BY_THE_SUPERVISOR = {"TZ", "SUPERVISOR_TOKEN", "HASSIO_TOKEN"}

CAPABILITIES = (
    "BPF",
    "CHECKPOINT_RESTORE",
    "DAC_READ_SEARCH",
    "IPC_LOCK",
    "NET_ADMIN",
    "NET_RAW",
    "PERFMON",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
)

MACHINES = (
    *("generic-aarch64", "generic-x86-64", "green", "intel-nuc", "khadas-vim3", "yellow"),
    *("odroid-c2", "odroid-c4", "odroid-m1", "odroid-n2", "qemuarm-64", "qemux86-64"),
    *("raspberrypi3-64", "raspberrypi4-64", "raspberrypi5-64"),
)
"""Those of today; the 32-bit ones are still taken, and no Supervisor runs there any more."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the Supervisor knows of a key.

    Attributes:
        check: Of its value.
        default: What holds without it.
        required: Whether there is no app without it.
    """

    check: Check
    default: Any = _NOTHING
    required: bool = False


_FLAGS = (
    *(
        "host_network",
        "host_pid",
        "host_ipc",
        "host_uts",
        "host_dbus",
        "udev",
        "tmpfs",
        "full_access",
        "audio",
    ),
    *("video", "gpio", "usb", "uart", "devicetree", "kernel_modules", "realtime", "hassio_api", "stdin"),
    *("homeassistant_api", "legacy", "docker_api", "auth_api", "journald", "ingress", "ingress_stream"),
)

KEYS: dict[str, Key] = {
    "name": Key(text, required=True),
    "version": Key(version, required=True),
    "slug": Key(like(r"[-_.A-Za-z0-9]+"), required=True),
    "description": Key(text, required=True),
    "arch": Key(list_of(one_of("aarch64", "amd64")), required=True),
    "machine": Key(list_of(like(f"!?({'|'.join(MACHINES)})"))),
    "url": Key(url),
    "startup": Key(one_of("initialize", "system", "services", "application", "once"), "application"),
    "boot": Key(one_of("auto", "manual", "manual_only"), "auto"),
    "init": Key(flag, default=True),
    "stage": Key(one_of("stable", "experimental", "deprecated"), "stable"),
    "ports": Key(mapping_of(_PORT, port_or_none)),
    "ports_description": Key(mapping_of(_PORT, text)),
    "watchdog": Key(like(rf"(https?|\[PROTO:\w+\]|tcp){_HOST_OR_PORT}(\[PORT:\d+\]|\d+).*")),
    "webui": Key(like(rf"(https?|\[PROTO:\w+\]){_HOST_OR_PORT}\[PORT:\d+\].*")),
    "ingress_port": Key(port_or_dynamic, 8099),
    "ingress_entry": Key(text),
    "panel_icon": Key(text, "mdi:puzzle"),
    "panel_title": Key(text),
    "panel_admin": Key(flag, default=True),
    "homeassistant": Key(version),
    "devices": Key(list_of(like(r"[^:]+"))),
    "map": Key(list_of(folders.trouble), []),
    "environment": Key(mapping_of(text, text)),
    "privileged": Key(list_of(one_of(*CAPABILITIES))),
    "apparmor": Key(flag, default=True),
    "hassio_role": Key(one_of("default", "homeassistant", "backup", "manager", "admin"), "default"),
    "services": Key(list_of(like(r"(mqtt|mysql):(provide|want|need)"))),
    "discovery": Key(list_of(text)),
    "backup": Key(one_of("hot", "cold"), "hot"),
    "backup_exclude": Key(list_of(anything)),
    "backup_pre": Key(text),
    "backup_post": Key(text),
    "options": Key(mapping_of(text, anything), {}),
    "schema": Key(anything, {}),
    "image": Key(image),
    "ulimits": Key(mapping_of(text, limit), {}),
    "timeout": Key(whole_number(10, 300), 10),
    "breaking_versions": Key(list_of(version), []),
    **{name: Key(flag, default=False) for name in _FLAGS},
}

_GONE = {
    "advanced": "has no effect since Supervisor 2026.03",
    "codenotary": "has no effect any more",
    "auto_uart": "is called uart",
    **{f"snapshot{end}": f"is called backup{end}" for end in ("", "_exclude", "_pre", "_post")},
}


def findings(config: Any) -> list[str]:
    """Return what the Supervisor refuses, drops or advises against, and what the linter objects to."""
    if not isinstance(config, dict):
        return ["must be a mapping: a list stops the Supervisor from reading any repository"]
    found = [f"{key}: is missing" for key, known in KEYS.items() if known.required and key not in config]
    for key, value in config.items():
        found += _of_a_key(key, value)
    if not found:
        found += [*_of_folders(config), *_of_network(config), *_of_rights(config), *_of_backup(config)]
        found += _of_options(config)
    return found


def _of_a_key(key: Any, value: Any) -> Iterator[str]:
    if key in _GONE:
        yield f"{key}: {_GONE[key]}"
    elif key not in KEYS:
        yield f"{key}: is dropped, the Supervisor does not know it"
    elif trouble := KEYS[key].check(value):
        yield f"{key}: {trouble}"
    elif value == KEYS[key].default:
        yield f"{key}: leave it out, {value!r} holds anyway"


def _of_folders(config: Mapping[str, Any]) -> Iterator[str]:
    kinds = [folder.kind for folder in folders.read(config)]
    yield from (f"map: {kind} is there twice" for kind, times in Counter(kinds).items() if times > 1)
    yield from (f"map: {kind} is called {folders.RENAMED[kind]}" for kind in kinds if kind in folders.RENAMED)


def _of_network(config: Mapping[str, Any]) -> Iterator[str]:
    ports, descriptions = config.get("ports", {}), config.get("ports_description", {})
    yield from (f"ports: {port} has no description" for port in ports if port not in descriptions)
    yield from (f"ports_description: {port} is no port" for port in descriptions if port not in ports)
    if "watchdog" in config:
        yield "watchdog: give the image a HEALTHCHECK instead"
    if not config.get("ingress"):
        needless = {"ingress_port", "ingress_entry", "ingress_stream"} & config.keys()
        yield from (f"{key}: there is no ingress" for key in sorted(needless))
        return
    if "webui" in config:
        yield "webui: ingress is the way to the page"
    if config.get("ingress_port") == 0:
        if not config.get("host_network"):
            yield "ingress_port: 0 is for apps in the host's network"
        taken = [port for port in ports if int(port.partition("/")[0]) in DYNAMIC_INGRESS_PORTS]
        yield from (
            f"ports: {port} may be chosen for ingress, and would open it to the network" for port in taken
        )


def _of_rights(config: Mapping[str, Any]) -> Iterator[str]:
    if not config["arch"]:
        yield "arch: names no architecture"
    if config.get("full_access"):
        needless = {"devices", "uart", "usb", "gpio"} & config.keys()
        yield from (f"{key}: full_access gives it already" for key in sorted(needless))
    overwritten = SET_BY_THE_SUPERVISOR & config.get("environment", {}).keys()
    yield from (f"environment: {name} is overwritten" for name in sorted(overwritten))


def _of_backup(config: Mapping[str, Any]) -> Iterator[str]:
    if config.get("backup") == "cold":
        useless = {"backup_pre", "backup_post"} & config.keys()
        yield from (f"{key}: nothing is run around a cold backup" for key in sorted(useless))
    yield from backup_patterns.findings(config.get("backup_exclude", []))


def _of_options(config: Mapping[str, Any]) -> Iterator[str]:
    schema, options = config.get("schema", {}), config.get("options", {})
    if schema is False:
        yield "schema: without one, none of the user's options reaches the app"
        return
    if wrong := option_schema.findings(schema):
        yield from wrong
        return
    yield from (f"options, {path}: is not in the schema" for path in option_schema.unknown(schema, options))
    try:
        option_schema.validate(schema, options)
    except InvalidOptionError as error:
        yield f"options, {error}: so nobody can start the app before changing it"
