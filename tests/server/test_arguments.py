from pathlib import Path

import pytest

from imageserver.arguments import parse


def nothing_mounted(_: Path) -> bool:
    return False


def test_without_flags_things_are_where_the_container_has_them() -> None:
    arguments = parse([], {}, is_mounted=nothing_mounted)
    places = arguments.places
    assert (places.data, places.config, places.certificates) == (Path("/data"), Path("/data"), Path("/certs"))
    assert places.images is None, "image_path of the options decides"
    assert places.log is None
    assert (arguments.host, arguments.port, arguments.http_port, arguments.api_port) == (
        None,
        8099,
        8098,
        8097,
    )
    assert not arguments.check


def test_a_mounted_log_directory_is_used_by_itself() -> None:
    assert parse([], {}, is_mounted=lambda path: path == Path("/log")).places.log == Path("/log")


def test_each_flag_has_an_environment_variable_and_goes_before_it() -> None:
    environment = {
        "IMAGESERVER_DATA_DIR": "/a",
        "IMAGESERVER_CONFIG_DIR": "/b",
        "IMAGESERVER_IMAGE_DIR": "/c",
        "IMAGESERVER_CERT_DIR": "/d",
        "IMAGESERVER_LOG_DIR": "/e",
        "IMAGESERVER_HOST": "127.0.0.1",
        "IMAGESERVER_PORT": "1",
        "IMAGESERVER_HTTP_PORT": "0",
        "IMAGESERVER_API_PORT": "3",
    }
    arguments = parse(["--data-dir", "/flag"], environment, is_mounted=nothing_mounted)
    places = arguments.places
    assert [places.data, places.config, places.images, places.certificates, places.log] == [
        Path(path) for path in ("/flag", "/b", "/c", "/d", "/e")
    ]
    assert (arguments.host, arguments.port, arguments.http_port, arguments.api_port) == ("127.0.0.1", 1, 0, 3)


def test_the_predecessors_port_variable_still_counts() -> None:
    assert parse([], {"PORT": "9000"}, is_mounted=nothing_mounted).port == 9000
    assert parse([], {"PORT": "9000", "IMAGESERVER_PORT": "9001"}, is_mounted=nothing_mounted).port == 9001


@pytest.mark.parametrize(
    ("flags", "environment", "complaint"),
    [
        (["--port", "70000"], {}, "--port must be 0 (off) to 65535"),
        (["--http-port", "-1"], {}, "--http-port must be"),
        (["--api-port", "many"], {}, "invalid int value: 'many'"),
        ([], {"IMAGESERVER_PORT": "many"}, "invalid int value: 'many'"),
        (["--nonsense"], {}, "unrecognized arguments: --nonsense"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    flags: list[str], environment: dict[str, str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(flags, environment, is_mounted=nothing_mounted)
    assert complaint in capsys.readouterr().err
