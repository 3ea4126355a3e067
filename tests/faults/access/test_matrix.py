from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.app.rehearsal.network import home

from .house import running
from .matrix import matrix, methods_that_are_not_there
from .routes import frame_routes, management_routes
from .tables import expected
from .visitors import VISITORS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from .house import House


@pytest.fixture
def at_home() -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.skip("Only root may have the addresses of others: run this as root")
    with home():
        yield


@pytest.fixture(params=["app", "elsewhere"])
async def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    at_home: None,  # noqa: ARG001 - where it runs
) -> AsyncIterator[House]:
    async with running(tmp_path, as_app=request.param == "app") as house:
        yield house


async def test_who_comes_in_where(house: House) -> None:
    table = expected(as_app=not house.management_tls)
    assert {visitor.name for visitor in VISITORS} == table.keys()
    assert await matrix(house) == table


@pytest.mark.parametrize("house", ["app"], indirect=True)
async def test_no_other_method_tells_anything_to_anybody(house: House) -> None:
    visitors = {visitor.name: visitor for visitor in VISITORS}
    for name in ("nobody", "ingress"):
        assert await methods_that_are_not_there(house, visitors[name]) == []


def test_the_routes_are_those_of_the_server() -> None:
    assert len(management_routes()) > 60
    assert {route.path for route in frame_routes()} == {
        "/",
        "/operation/start",
        "/operation/status/{id}",
        "/operation/result/{id}",
        "/prompt/add",
    }
