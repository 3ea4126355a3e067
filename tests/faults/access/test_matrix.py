"""Who may come in where. A line of the table is a visitor, a column a door; every route is tried.

`in`: the route itself answers, be it that it wants another body. For the rest it is not there, or says no;
`page`: all but the page for people, which opens under the server's own names alone.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.app.rehearsal.network import home
from tests.processes import run_server

from .matrix import DOORS, House, matrix, methods_that_are_not_there
from .routes import frame_routes, management_routes
from .visitors import VISITORS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

AS_APP = """
                                 open guarded | frames: http https | management's paths there
nobody                            in   401    |         in   in    | 404
nobody, for a foreign host        in   401    |         page page  | 404
a page of another site            in   401    |         403  403   | 403
a rebound page                    in   401    |         403  403   | 403
a wrong token                     in   401    |         in   in    | 404
half the token                    in   401    |         in   in    | 404
an empty token                    in   401    |         in   in    | 404
the token as Basic                in   401    |         in   in    | 404
the token without a scheme        in   401    |         in   in    | 404
the token in a cookie             in   401    |         in   in    | 404
the token in other headers        in   401    |         in   in    | 404
the token in the query            in   401    |         in   in    | 404
forged headers                    in   401    |         in   in    | 404
forged headers in a frame's place in   401    |         in   in    | 404
forged twice                      in   401    |         in   in    | 404
Home Assistant's own address      in   401    |         in   in    | 404
the Supervisor's DNS              in   401    |         in   in    | 404
outside frame_networks            in   401    |         403  403   | 403
ingress                           in   in     |         in   in    | 404
ingress with a wrong token        in   in     |         in   in    | 404
the right token                   in   in     |         in   in    | 404
the right token from outside      in   in     |         403  403   | 403
the right token after wrong ones  in   401    |         in   in    | 404
"""

ELSEWHERE = re.sub(r"^(ingress.{27}in   )in ", r"\g<1>401", AS_APP, flags=re.MULTILINE)
"""Where there is no Supervisor, anybody may have that address."""


def told(table: str) -> dict[str, dict[str, str]]:
    """Read a table."""
    lines = [line for line in table.splitlines()[2:] if line]
    cells = {line[:34].strip(): line[34:].replace("|", " ").split() for line in lines}
    return {name: dict(zip(DOORS, found, strict=True)) for name, found in cells.items()}


@pytest.fixture
def at_home() -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.skip("Only root may have the addresses of others: run this as root")
    with home():
        yield


@pytest.fixture(params=["app", "elsewhere"])
async def house(request: pytest.FixtureRequest, tmp_path: Path, at_home: None) -> AsyncIterator[House]:  # noqa: ARG001 - where it runs
    as_app = request.param == "app"
    supervisor = {"SUPERVISOR_TOKEN": "s" * 40, "SUPERVISOR_API": "http://127.0.0.1:9"} if as_app else {}
    async with run_server(tmp_path, "--host", "", environment=supervisor) as process:
        house = House(process, tmp_path / "data", management_tls=not as_app)
        await house.up()
        yield house


async def test_who_comes_in_where(house: House) -> None:
    expected = told(ELSEWHERE if house.management_tls else AS_APP)
    assert {visitor.name for visitor in VISITORS} == expected.keys()
    assert await matrix(house) == expected


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
