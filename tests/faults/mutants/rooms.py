"""What is mutated, and which tests must notice it."""

from __future__ import annotations

from dataclasses import dataclass

PROVIDERS = "tests/server/providers"
FOR_ERRORS = ("yandex_errors", "complaint", "http_client", "yandex_art")


@dataclass(frozen=True, slots=True)
class Room:
    """Files below addon/imageserver, and the tests of just these: none else is run on their mutants."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    but: tuple[str, ...] = ()


ROOMS = {
    "policy": Room(("policy.py",), ("tests/server/test_policy.py",)),
    "templates": Room(("prompts/templates.py",), ("tests/server/prompts/test_templates.py",)),
    "prompts": Room(("prompts/*.py",), ("tests/server/prompts",), but=("prompts/templates.py",)),
    "caps": Room(("store/caps.py",), ("tests/server/store/test_caps.py",)),
    "errors": Room(
        tuple(f"providers/{name}.py" for name in FOR_ERRORS),
        tuple(f"{PROVIDERS}/test_{name}.py" for name in FOR_ERRORS),
    ),
    "operations": Room(("operations/*.py",), ("tests/server/operations",)),
    "fates": Room(
        tuple(f"generations/{name}.py" for name in ("availability", "fates", "keeping", "ledger")),
        ("tests/server/generations",),
    ),
}
