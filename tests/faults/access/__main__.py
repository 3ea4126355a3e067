"""Who may do what: tries every door with every key, every odd id, every secret, and a stranger's worst.

    python -m tests.faults.access [--requests 5000] [--addresses 5000] [--only SUBJECT]

Prints what was found as JSON; what is in `wrong` must not be. The matrix needs root, for others' addresses.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.app.rehearsal.network import home
from tests.bench.conditions import conditions
from tests.faults.report import report

from .canaries import look
from .house import running
from .matrix import matrix, methods_that_are_not_there
from .odd import odd_files, odd_ids
from .routes import frame_routes, management_routes
from .stranger import Spree, go
from .tables import expected
from .visitors import VISITORS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    type Trial = Callable[[Path, argparse.Namespace], Awaitable[dict[str, Any]]]


async def _matrix(root: Path, _: argparse.Namespace) -> dict[str, Any]:
    wrong, cells = [], Counter[str]()
    for as_app in (True, False):
        async with running(root / str(as_app), as_app=as_app) as house:
            found, table = await matrix(house), expected(as_app=as_app)
            cells.update(cell for row in found.values() for cell in row.values())
            wrong += [
                f"{name}: {found[name]}, not {table[name]}" for name in found if found[name] != table[name]
            ]
            for visitor in VISITORS:
                wrong += [f"{visitor.name}: {it}" for it in await methods_that_are_not_there(house, visitor)]
    routes = len(management_routes()) + len(frame_routes())
    return {"routes": routes, "visitors": len(VISITORS), "cells": dict(cells), "wrong": wrong}


async def _ids(root: Path, _: argparse.Namespace) -> dict[str, Any]:
    async with running(root, as_app=True) as house:
        return {"wrong": await odd_ids(house)}


async def _files(root: Path, _: argparse.Namespace) -> dict[str, Any]:
    return {"wrong": await odd_files(root)}


async def _canaries(root: Path, _: argparse.Namespace) -> dict[str, Any]:
    return {"wrong": await look(root)}


async def _stranger(root: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    return await go(root, Spree(arguments.addresses, arguments.requests, at_once=100, lives=3))


TRIALS: Mapping[str, Trial] = {
    "matrix": _matrix, "ids": _ids, "files": _files, "canaries": _canaries, "stranger": _stranger,
}  # fmt: skip


async def investigate(arguments: argparse.Namespace) -> dict[str, Any]:
    """Try everything, one thing after the other."""
    found: dict[str, Any] = {}
    for name, trial in TRIALS.items():
        if arguments.only in {None, name}:
            with tempfile.TemporaryDirectory() as folder:
                found[name] = await trial(Path(folder), arguments)
    return found


def main() -> int:
    """Print what was found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.access", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--requests", type=int, default=5000, help="a stranger's, in each half of a life")
    parser.add_argument("--addresses", type=int, default=5000, help="a stranger's")
    parser.add_argument("--only", choices=TRIALS, help="this alone")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("only root may have the addresses of others")
    before = conditions()
    with home():
        found = asyncio.run(investigate(arguments))
    wrong = [f"{name}: {it}" for name in TRIALS for it in found.get(name, {}).get("wrong", ())]
    return report(arguments=vars(arguments), conditions=before, found=found, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
