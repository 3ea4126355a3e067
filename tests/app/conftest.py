"""The rehearsal: an image that is built once, and in a home's network an app, or a machine with Docker."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.app.rehearsal import network
from tests.app.rehearsal.docker_host import DockerHost, docker_host
from tests.app.rehearsal.image import ENVIRONMENT, ROOT, Image, built_once
from tests.app.rehearsal.supervised_app import SupervisedApp, supervised_app
from tests.simulators.yandex_art_rules import API_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

_TRIAL = """
import os
from tests.app.rehearsal.kernel import Mount, mount
os.unshare(os.CLONE_NEWNS | os.CLONE_NEWPID | os.CLONE_NEWNET | os.CLONE_NEWUTS | os.CLONE_NEWIPC)
mount("none", "/", flags=Mount.WITH_ALL_BELOW | Mount.PRIVATE)
mount("trial", "/tmp", "tmpfs")
"""


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Build the image, once for all processes that run tests; skip where there can be no containers."""
    if os.geteuid() != 0:
        pytest.skip("Only root may make containers: run these tests as root")
    tried = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", _TRIAL], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip(f"This machine lets root make no containers: {tried.stderr.splitlines()[-1]}")
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    return built_once(ROOT / "addon", shared)


@pytest.fixture
async def app(image: Image, tmp_path: Path) -> AsyncIterator[SupervisedApp]:
    """Install the app."""
    with _home():
        async with supervised_app(image, tmp_path) as app:
            yield app
        secrets = {API_KEY, *app.tokens, *(told["config"]["token"] for told in app.supervisor.pushed)}
        logs = "\n".join(container.text for container in app.containers)
        assert not [secret for secret in secrets if secret in logs], "the log says a secret"


@pytest.fixture
async def docker(image: Image, tmp_path: Path) -> AsyncIterator[DockerHost]:
    """Have a machine with Docker."""
    with _home():
        async with docker_host(image, tmp_path) as host:
            yield host
        token = host.root / "data" / "api_token"
        secrets = {API_KEY, token.read_text()} if token.exists() else {API_KEY}
        logs = "\n".join(container.text for container in host.containers)
        assert not [secret for secret in secrets if secret in logs], "the log says a secret"


@contextmanager
def _home() -> Iterator[None]:
    with network.home():
        yield
    assert psutil.Process().children(recursive=True) == [], "something outlives its container"
