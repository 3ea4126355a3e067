"""addon/apparmor.txt: allows what the server does, and forbids what it has no business with."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.app.apparmor.calls import read_calls
from tests.app.apparmor.life import first_day, furnish, options_of, second_day
from tests.app.apparmor.needs import Kind, Need
from tests.app.apparmor.places import ROOT, from_the_repository
from tests.app.apparmor.profile import Profile
from tests.app.apparmor.trace import needs_of
from tests.app.apparmor.tracing import debian_tool, tracer
from tests.app.rehearsal import container
from tests.app.rehearsal.image import INSIDE
from tests.app.rehearsal.network import MACHINE
from tests.app.rehearsal.supervised_app import CONFIG
from tests.app.rehearsal.visitors import frame, shows, yandex
from tests.processes import run_server
from tests.simulators.yandex_art import YandexArtSimulator
from tests.tls import make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.app.rehearsal.image import Image
    from tests.app.rehearsal.supervised_app import SupervisedApp

FILE = ROOT / "addon" / "apparmor.txt"
PROFILE = Profile.read(FILE.read_text("utf-8"))

BARE = {"PATH": "/usr/local/bin"}
"""Libraries run `file` if it is there, which it is on this machine, and not in the image."""

THE_SERVERS_OWN = {
    "/data/": "rw",
    "/data/state.db": "rwk",
    "/data/tls/server.pem": "rw",
    "/config/prompts.yaml": "rw",
    "/config/providers/": "rw",
    "/media/aiframes/": "rw",
    "/media/aiframes/original/a.jpeg": "rw",
    "/run/imageserver/certs/key.pem": "rw",
    "/tmp/etilqs_1": "rw",
    "/var/tmp/etilqs_1": "rw",
    "/dev/null": "rw",
}
READ_ONLY = (
    "/media/",
    "/media/family/aunt.jpeg",
    "/media/aiframes-of-others/a.jpeg",
    "/ssl/",
    "/ssl/privkey.pem",
    "/opt/aiframes/imageserver/__main__.py",
    "/usr/local/lib/python3.14/site-packages/PIL/Image.py",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/passwd",
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/share/zoneinfo/Europe/Moscow",
    "/proc/1/cmdline",
    "/proc/7/net/fib_trie",
)
LOADED = (
    "/usr/local/lib/libpython3.14.so.1.0",
    "/usr/local/lib/python3.14/lib-dynload/_ssl.cpython-314-x86_64-linux-gnu.so",
    "/usr/local/lib/python3.14/site-packages/pillow.libs/libjpeg-31e2ca52.so.62.4.0",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
)
OUT_OF_REACH = (
    "/",
    "/root/.bash_history",
    "/homeassistant/secrets.yaml",
    "/share/a.jpeg",
    "/backup/a.tar",
    "/app_configs/other/secret",
    "/addon_configs/other/secret",
    "/etc/shadow",
    "/etc/ssl/private/key.pem",
    "/data2/a",
    "/media2/a",
    "/proc/1/environ",
    "/proc/1/mem",
    "/proc/kcore",
    "/proc/sys/kernel/core_pattern",
    "/sys/firmware/acpi/tables/DSDT",
    "/sys/fs/cgroup/cgroup.procs",
    "/dev/mem",
    "/dev/sda",
    "/dev/tty",
    "/run/docker.sock",
    "/run/supervisor/core.sock",
    "/usr/local/bin/pip3.14",
    "/bin/sh",
    "/usr/bin/dash",
)
PROGRAMS = (
    "/bin/sh",
    "/usr/bin/dash",
    "/usr/bin/bash",
    "/usr/bin/env",
    "/usr/local/bin/pip3.14",
    "/usr/local/bin/python3.14-config",
    "/tmp/x",
    "/var/tmp/x",
    "/data/x",
    "/config/x",
    "/media/aiframes/x",
    "/run/imageserver/x",
    "/dev/shm/x",
)


def refused(needs: Iterable[Need]) -> list[str]:
    return [str(need) for need in needs if not PROFILE.allows(need)]


@pytest.mark.timeout(60)
async def test_all_that_the_server_does_is_allowed(tmp_path: Path) -> None:
    furnish(tmp_path)
    data = tmp_path / "data"
    places = {"config": "config", "image": "media/aiframes", "cert": "ssl"}
    flags = [part for name, place in places.items() for part in (f"--{name}-dir", str(tmp_path / place))]
    under = tracer(tmp_path / "trace")
    async with YandexArtSimulator(old_model_retired=False) as yandex:
        options = options_of(tmp_path, yandex.options)
        said = json.dumps(options)
        async with run_server(tmp_path, *flags, options=said, under=under, environment=BARE) as server:
            await first_day(server, data, options)
            assert await server.stop() == 0
        async with run_server(tmp_path, *flags, options=said, under=under, environment=BARE) as server:
            await second_day(server, data)
            assert await server.stop() == 0
        assert yandex.billed
    image = from_the_repository(tmp_path)
    found = [image.in_image(need) for need in needs_of(read_calls(tmp_path / "trace"))]
    needs = {need for need in found if need is not None}
    assert not refused(needs)
    assert needs >= {
        Need(Kind.FILE, "/usr/local/bin/python3.14", "x"),
        Need(Kind.FILE, "/opt/aiframes/imageserver/web/openapi.yaml", "r"),
        Need(Kind.FILE, "/data/state.db", "k"),
        Need(Kind.FILE, "/data/tls/", "w"),
        Need(Kind.FILE, "/config/prompts.yaml", "w"),
        Need(Kind.FILE, "/media/family/aunt.jpeg", "r"),
        Need(Kind.FILE, "/media/aiframes/", "w"),
        Need(Kind.FILE, "/media/aiframes/original/", "r"),
        Need(Kind.NETWORK, "inet stream"),
        Need(Kind.NETWORK, "unix stream"),
    }, "the trace saw it"


@pytest.mark.timeout(60)
async def test_all_that_the_app_does_in_its_container_is_allowed(
    app: SupervisedApp, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIG, "environment", BARE)
    monkeypatch.setattr(container, "INSIDE", [*tracer(tmp_path / "trace"), *INSIDE])
    (app.folders.ssl / "both.pem").write_text(make_certificate(MACHINE))
    app.options = {"certfile": "both.pem", "keyfile": "both.pem"}
    async with yandex(app):
        await app.start()
        assert await shows(frame()) == (320, 480)
        for order in ("pre", "post"):
            hook = await app.container.run(*shlex.split(CONFIG[f"backup_{order}"]))
            assert hook.code == 0, hook.output
        await app.restart()
        assert await shows(frame()) == (320, 480)
        assert (await app.stop()).code == 0
    places = from_the_repository(tmp_path)
    calls = read_calls(tmp_path / "trace", outside=INSIDE[-1])
    found = [places.in_image(need) for need in needs_of(calls, root=image.tree)]
    needs = {need for need in found if need is not None}
    assert not refused(needs)
    assert needs >= {
        Need(Kind.CAPABILITY, "setuid"),
        Need(Kind.CAPABILITY, "chown"),
        Need(Kind.FILE, "/usr/local/bin/python3.14", "x"),
        Need(Kind.FILE, "/data/options.json", "r"),
        Need(Kind.FILE, "/data/state.backup.db", "w"),
        Need(Kind.FILE, "/ssl/both.pem", "r"),
        Need(Kind.FILE, "/run/imageserver/certs/", "w"),
        Need(Kind.FILE, "/media/aiframes/", "w"),
        Need(Kind.FILE, "/proc/1/cmdline", "r"),
    }, "the trace saw the entry, the hooks and the health check"


@pytest.mark.parametrize("path", THE_SERVERS_OWN)
def test_the_server_has_its_own_directories_to_itself(path: str) -> None:
    assert PROFILE.permissions(path) >= set(THE_SERVERS_OWN[path])
    assert not PROFILE.permissions(path) & set("mxl")


@pytest.mark.parametrize("path", READ_ONLY)
def test_what_belongs_to_others_is_only_read(path: str) -> None:
    assert PROFILE.permissions(path) == {"r"}


@pytest.mark.parametrize("path", LOADED)
def test_libraries_of_the_image_are_loaded_and_not_changed(path: str) -> None:
    assert PROFILE.permissions(path) == {"r", "m"}


@pytest.mark.parametrize("path", OUT_OF_REACH)
def test_the_rest_is_out_of_reach(path: str) -> None:
    assert not PROFILE.permissions(path)


@pytest.mark.parametrize("path", PROGRAMS)
def test_no_program_is_run_but_python(path: str) -> None:
    assert not PROFILE.permissions(path) & set("xm")
    assert PROFILE.permissions("/usr/local/bin/python3.14") == set("mrx")


def test_nothing_but_files_is_allowed_beyond_this() -> None:
    capabilities = ("chown", "dac_override", "setgid", "setuid")
    networks = ("inet stream", "inet6 stream", "inet dgram", "inet6 dgram", "netlink raw", "unix stream")
    assert PROFILE.others == {
        *(Need(Kind.CAPABILITY, name) for name in capabilities),
        *(Need(Kind.NETWORK, name) for name in networks),
        Need(Kind.SIGNAL, "send"),
        Need(Kind.SIGNAL, "receive"),
    }


def test_apparmors_own_reader_takes_it() -> None:
    parser = debian_tool("apparmor", "sbin/apparmor_parser")
    command = [parser, "--skip-kernel-load", "--skip-cache", "--config-file", "/dev/null", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    # That the kernel here has no AppArmor says nothing of the profile.
    warned = [line for line in done.stderr.splitlines() if "interface file missing" not in line]
    assert (done.returncode, warned) == (0, [])
