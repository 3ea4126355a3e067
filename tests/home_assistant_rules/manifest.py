"""`manifest.json`: hassfest's manifest.py, and what HACS wants of it besides."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.home_assistant_rules.shape import FLAG, TEXT, TEXTS, misfits, record

IOT_CLASSES = (
    *("assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push"),
)
TYPES = ("device", "entity", "hardware", "helper", "hub", "service", "system", "virtual")
SCALES = ("bronze", "silver", "gold", "platinum", "custom", "no_score", "internal", "legacy")
SEMANTIC = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?")

SHAPE = record(
    *("domain", "name", "codeowners", "documentation", "issue_tracker", "version", "iot_class"),
    domain=TEXT,
    name=TEXT,
    after_dependencies=TEXTS,
    codeowners={**TEXTS, "minItems": 1},
    config_flow=FLAG,
    dependencies=TEXTS,
    documentation=TEXT,
    integration_type={"enum": TYPES},
    iot_class={"enum": IOT_CLASSES},
    issue_tracker=TEXT,
    loggers=TEXTS,
    quality_scale={"enum": SCALES},
    requirements=TEXTS,
    single_config_entry=FLAG,
    version=TEXT,
    zeroconf={"type": "array"},
)


def findings(manifest: dict[str, Any], *, folder: str) -> list[str]:
    """Return what is wrong with the manifest of the integration in a folder of this name."""
    if found := misfits(SHAPE, manifest):
        return found
    return [message for holds, message in _rules(manifest, folder) if not holds]


def _rules(manifest: dict[str, Any], folder: str) -> list[tuple[bool, str]]:
    address = urlsplit(manifest["documentation"])
    ours = not (address.hostname or "").endswith("home-assistant.io")
    return [
        (manifest["domain"] == folder, "domain: is not the folder's name"),
        (list(manifest) == _order(manifest), "keys: domain, name, then by the alphabet"),
        (address.scheme == "https" and ours, "documentation: must be a page of ours, by https"),
        (urlsplit(manifest["issue_tracker"]).scheme == "https", "issue_tracker: must be an address"),
        (SEMANTIC.fullmatch(manifest["version"]) is not None, "version: must be like 1.2.3"),
        (all(owner.startswith("@") for owner in manifest["codeowners"]), "codeowners: must begin with @"),
        (
            not manifest.get("config_flow") or "integration_type" in manifest,
            "integration_type: must be there where there is a config flow",
        ),
        (all(" " not in one for one in manifest.get("requirements", [])), "requirements: no spaces"),
    ]


def _order(manifest: dict[str, Any]) -> list[str]:
    return ["domain", "name", *sorted(set(manifest) - {"domain", "name"})]
