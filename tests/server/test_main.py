"""The way through, as a user runs it: options, a YandexART over HTTP, a process, a frame that draws."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from tests.processes import READY, ServerProcess, run_server
from tests.server.web.raw_client import connected
from tests.simulators.frame import Frame, Shown
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.timeout(90)


def yandex(simulator: YandexArtSimulator, **own: Any) -> str:
    return json.dumps({"providers": {"ydArt": {**simulator.options, **own}}})


def frame(server: ServerProcess, *, tls: bool = True) -> Frame:
    port = server.https_port if tls else server.http_port
    return Frame("127.0.0.1", port, tls=tls, sleep=no_wait)


def size_of(shown: Shown) -> tuple[int, int]:
    assert shown.image is not None, shown.error
    return shown.image.size


async def until(condition: Callable[[], object]) -> None:
    """Wait for another process: only a look now and then tells."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - another process tells by no event of ours
            await asyncio.sleep(0.02)


async def no_wait(_: float) -> None:
    """A frame that asks again at once: the server itself waits for what is under way."""
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("transport", ["images", "async"])
async def test_a_frame_draws_what_yandexart_made_of_the_users_prompt(
    tmp_path: Path, *, tls: bool, transport: str
) -> None:
    (tmp_path / "data").mkdir()
    prompts = "prompts:\n- idx: 1\n  prompt: '[[color]] кукушка'\nglobal_placeholders:\n  color: [золотая]\n"
    (tmp_path / "data" / "prompts.yaml").write_text(prompts)
    async with YandexArtSimulator(old_model_retired=False) as simulator:
        options = yandex(simulator, transport=transport)
        async with run_server(tmp_path, options=options) as server:
            await server.said(READY)
            shown = await frame(server, tls=tls).show()
            assert size_of(shown) == (320, 480)
            assert await server.stop() == 0
        assert [asked.prompt for asked in simulator.billed] == ["золотая кукушка"]
    (original,) = (tmp_path / "images" / "original").iterdir()
    (scaled,) = (tmp_path / "images" / "scalable").iterdir()
    assert original.name == f"{scaled.stem}-orig.jpeg"
    assert simulator.options["api_key"] not in "\n".join(server.log)


async def test_a_newcomer_without_any_account_gets_a_picture(tmp_path: Path) -> None:
    async with run_server(tmp_path) as server:
        await server.said(READY)
        shown = await frame(server).show()
        assert size_of(shown) == (320, 480)
        assert len(list((tmp_path / "images" / "original").iterdir())) == 1, "it was made, not a card"
        assert (tmp_path / "data" / "prompts.yaml").read_text().endswith("prompt: test\n\n")
        assert (tmp_path / "data" / "prompts_example.yaml").exists()


async def test_kill_9_loses_no_ticket_and_pays_nothing_twice(tmp_path: Path) -> None:
    async with YandexArtSimulator(old_model_retired=False, operation_delay=2) as simulator:
        options = yandex(simulator, transport="async")
        async with run_server(tmp_path, options=options) as server:
            await server.said(READY)
            operation = await frame(server).start("ydart")
            await until(lambda: len(simulator.asked) >= 2)  # the request, and the first look at its ticket
            assert await server.stop(signal.SIGKILL) == -signal.SIGKILL
        async with run_server(tmp_path, options=options) as server:
            await server.said("still owes a picture")
            await server.said("made picture")
            await server.said(READY)
            polled = await frame(server).poll(operation)
            assert polled.status == "done"
        assert len(simulator.billed) == 1
    assert len(list((tmp_path / "images" / "original").iterdir())) == 1


async def test_kill_9_in_a_one_call_request_is_remembered_and_not_repeated(tmp_path: Path) -> None:
    async with YandexArtSimulator(delay=60) as simulator:
        options = yandex(simulator, daily_limit=1)
        async with run_server(tmp_path, options=options) as server:
            await server.said(READY)
            await frame(server).start("ydart")
            await until(lambda: simulator.asked)
            await server.stop(signal.SIGKILL)
        async with run_server(tmp_path, options=options) as server:
            await server.said("nobody knows whether a picture was made")
            await server.said(READY)
            shown = await frame(server).show("auto")
            assert size_of(shown) == (320, 480)
        assert len(simulator.asked) == 1, "the budget of one is used"


async def test_a_stop_waits_for_a_paid_answer_and_ends_at_once_otherwise(tmp_path: Path) -> None:
    async with YandexArtSimulator(delay=2) as simulator:
        async with run_server(tmp_path, options=yandex(simulator)) as server:
            await server.said(READY)
            await frame(server).start("ydart")
            await until(lambda: simulator.asked)
            assert await server.stop() == 0
        assert len(list((tmp_path / "images" / "original").iterdir())) == 1
        async with run_server(tmp_path, options=yandex(simulator)) as server:
            await server.said(READY)
            async with asyncio.timeout(5):
                assert await server.stop(signal.SIGINT) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_while_it_starts_ends_it_well(tmp_path: Path, number: signal.Signals) -> None:
    async with run_server(tmp_path) as server:
        await server.said("Local time is")
        assert await server.stop(number) == 0


async def test_the_options_are_read_again_at_sighup(tmp_path: Path) -> None:
    async with run_server(tmp_path, options="image_generate_threshold: 10") as server:
        await server.said(READY)
        options = "image_generate_threshold: twelve\nfrobnicate: 1\n"
        (tmp_path / "data" / "options.yml").write_text(options)
        server.process.send_signal(signal.SIGHUP)
        assert "twelve" in await server.said("image_generate_threshold")
        await server.said("frobnicate")
        assert await server.stop() == 0


async def test_a_taken_port_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with run_server(tmp_path, "--http-port", str(port)) as server:
            assert await server.ended() == 1
    assert f"Port {port} is taken" in server.log[-1]
    assert "--http-port" in server.log[-1]
    assert "Traceback" not in "\n".join(server.log)


async def test_a_certificate_that_cannot_be_used_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "cert.pem").write_text("nonsense")
    async with run_server(tmp_path) as server:
        assert await server.ended() == 1
    assert "cert.pem" in server.log[-1]


async def test_a_data_directory_that_is_a_file_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with run_server(tmp_path, "--data-dir", str(tmp_path / "file")) as server:
        assert await server.ended() == 1
    assert "file" in server.log[-1]
    assert "Traceback" not in "\n".join(server.log)


async def test_options_that_are_no_yaml_are_told_with_line_and_column(tmp_path: Path) -> None:
    async with run_server(tmp_path, options="a: [") as server:
        assert await server.ended() == 1
    assert "line 1, column" in server.log[-1]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("log_level: debug", 0, "Mistakes: 0, warnings: 0"),
        ("imge_path: /x", 0, "image_path"),
        ("log_level: loud\nimage_amount_min: 5\nimage_amount_max: 5", 1, "Mistakes: 2"),
        ("a: [", 1, "line 1"),
    ],
)
async def test_check_says_what_is_wrong_and_runs_nothing(
    tmp_path: Path, options: str, code: int, said: str
) -> None:
    async with run_server(tmp_path, "--check", options=options) as server:
        assert await server.ended() == code
    assert said in "\n".join(server.log)
    assert not (tmp_path / "data" / "state.db").exists()


async def test_a_mistake_does_not_darken_the_frames(tmp_path: Path) -> None:
    options = "image_amount_min: many\nproviders: {ydArt: {daily_limit: all}}\n"
    async with run_server(tmp_path, options=options) as server:
        await server.said(READY)
        assert size_of(await frame(server).show()) == (320, 480)


async def test_a_listener_that_is_switched_off_is_not_there(tmp_path: Path) -> None:
    async with run_server(tmp_path, "--http-port", "0", "--api-port", "0") as server:
        await server.said("Frames that speak HTTPS")
        await frame(server).show()
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", server.http_port)


async def test_as_an_app_the_api_is_plain_and_still_asks_for_the_token(tmp_path: Path) -> None:
    environment = {"SUPERVISOR_TOKEN": "made-up-token", "SUPERVISOR_API": "http://127.0.0.1:1"}
    async with run_server(tmp_path, environment=environment) as server:
        await server.said(READY)
        async with connected(server.api_port) as client:
            forged = "172.30.32.2"
            answer = await client.ask("GET", "/api/v1/info", X_Forwarded_For=forged)
            assert answer.error == (401, "Unauthorized")
            token = (tmp_path / "data" / "api_token").read_text()
            answer = await client.ask("GET", "/api/v1/info", Authorization=f"Bearer {token}")
            assert answer.status == 200
        assert await server.stop() == 0
    assert "made-up-token" not in "\n".join(server.log)


async def test_a_frame_that_speaks_plain_http_to_the_tls_port_is_named_with_the_mend(tmp_path: Path) -> None:
    async with run_server(tmp_path) as server:
        await server.said(READY)
        async with connected(server.https_port) as client:
            client.send("POST", "/operation/start", '{"type":"auto"}')
            assert await client.is_ended()
        async with connected(server.http_port) as client:
            page = (await client.ask("GET", "/")).body.decode()
        assert f"A frame at 127.0.0.1 speaks plain HTTP to port {server.https_port}" in page
        assert f"Set port {server.http_port} in the frame." in page
        await frame(server, tls=False).start("old")
        async with connected(server.http_port) as client:
            assert "speaks plain HTTP" not in (await client.ask("GET", "/")).body.decode()


async def test_the_log_has_the_level_of_the_options_and_no_key_of_theirs(tmp_path: Path) -> None:
    key = "canary-9a1b7c"
    options = {"log_level": "debug", "providers": {"ydArt": {"api_key": key, "daily_limit": f"not {key}"}}}
    async with run_server(tmp_path, options=json.dumps(options)) as server:
        await server.said(READY)
        async with connected(server.http_port) as client:
            await client.ask("GET", "/nowhere")
        await server.said(" DEBUG ")
        assert await server.stop() == 0
    assert any("daily_limit" in line for line in server.log)
    assert key not in "\n".join(server.log)


async def test_what_is_secret_is_private_to_the_server(tmp_path: Path) -> None:
    async with run_server(tmp_path) as server:
        await server.said(READY)
    data = tmp_path / "data"
    for private in (data / "api_token", data / "tls" / "server.pem"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600


async def test_the_installed_command_knows_its_version() -> None:
    environment = {**os.environ, "PYTHONPATH": "addon"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "imageserver", "--version", stdout=asyncio.subprocess.PIPE, env=environment
    )
    out, _ = await process.communicate()
    assert out.decode().strip() == "imageserver 2.0.0"
