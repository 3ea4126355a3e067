from __future__ import annotations

from pathlib import Path

import pytest

from imageserver.container.first_process import servers_arguments


def command(path: Path, *words: str) -> Path:
    path.write_bytes("".join(f"{word}\0" for word in words).encode())
    return path


@pytest.mark.parametrize("module", ["imageserver", "imageserver.container"])
@pytest.mark.parametrize("before", [(), ("/sbin/docker-init", "--")])
def test_the_flags_are_those_of_the_first_process(
    tmp_path: Path, before: tuple[str, ...], module: str
) -> None:
    words = (
        *before,
        "/usr/local/bin/python3",
        "-P",
        "-m",
        module,
        "--api-port",
        "1",
        "--data-dir",
        "/данные",
    )
    arguments = servers_arguments({"IMAGESERVER_PORT": "2"}, command(tmp_path / "cmdline", *words))
    assert (arguments.api_port, arguments.port, arguments.http_port) == (1, 2, 8098)
    assert arguments.places.data == Path("/данные")


@pytest.mark.parametrize("words", [(), ("/sbin/init",), ("python3", "-m", "http.server", "--port", "1")])
def test_where_the_first_process_is_another_the_environment_tells(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    arguments = servers_arguments({"IMAGESERVER_PORT": "2"}, command(tmp_path / "cmdline", *words))
    assert (arguments.api_port, arguments.port) == (8097, 2)


def test_a_command_line_that_can_not_be_read_is_none(tmp_path: Path) -> None:
    assert servers_arguments({}, tmp_path / "nothing").port == 8099
