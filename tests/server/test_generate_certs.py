from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from imageserver.tls import certificates
from imageserver.tls.tls import server_context

SCRIPT = Path(__file__).parents[2] / "generate-certs.sh"


def run(
    root: Path, *arguments: str, typed: str = "", language: str = "C", by_environment: bool = True
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LANG": language}
    if by_environment:
        environment["IMAGE_SERVER_DATA_ROOT"] = str(root / "data")
    return subprocess.run(  # noqa: S603 - our own script
        [SCRIPT, *arguments],
        cwd=root,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def names(root: Path) -> set[str]:
    return set(certificates._read(root / "data" / "certs" / "cert.pem").names)


def files(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "data" / "certs").iterdir())


@pytest.mark.parametrize(
    ("arguments", "typed", "address"),
    [
        (("192.168.1.100",), "", {"192.168.1.100"}),
        (("fd00::5",), "", {"fd00::5"}),
        ((), "192.168.1.100\n", {"192.168.1.100"}),
        ((), "\n", set()),
        ((), "", set()),
    ],
)
def test_it_takes_an_address_or_asks_for_it(
    tmp_path: Path, arguments: tuple[str, ...], typed: str, address: set[str]
) -> None:
    done = run(tmp_path, *arguments, typed=typed)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("192.168.1.100 (Enter" in done.stdout) is not bool(arguments)
    assert names(tmp_path) == {"127.0.0.1", "localhost"} | address


def test_the_server_can_use_what_it_makes(tmp_path: Path) -> None:
    run(tmp_path, "192.168.1.100")
    made = tmp_path / "data" / "certs"
    assert files(tmp_path) == ["cert.pem", "key.pem"]
    assert stat.S_IMODE((made / "key.pem").stat().st_mode) == 0o600
    assert server_context(made / "cert.pem", made / "key.pem").get_ciphers()
    facts = certificates._read(made / "cert.pem")
    assert facts.key == "RSA-2048"


def test_what_is_there_stays(tmp_path: Path) -> None:
    run(tmp_path, "192.168.1.100")
    key = tmp_path / "data" / "certs" / "key.pem"
    before = key.read_bytes()
    done = run(tmp_path, "192.168.1.101")
    assert done.returncode == 0
    assert "already" in done.stdout
    assert key.read_bytes() == before


@pytest.mark.parametrize("left", ["cert.pem", "key.pem"])
def test_half_a_pair_is_not_completed(tmp_path: Path, left: str) -> None:
    (tmp_path / "data" / "certs").mkdir(parents=True)
    (tmp_path / "data" / "certs" / left).write_text("precious")
    done = run(tmp_path, "192.168.1.100")
    assert done.returncode == 1
    assert f"{left} is there without its other half" in done.stderr
    assert files(tmp_path) == [left]


@pytest.mark.parametrize("address", ["300.1.1.1", "192.168.1", "nas", "1.2.3.4, DNS:evil", "::\nx", "-h"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    done = run(tmp_path, address)
    assert done.returncode == 1
    assert done.stderr == f"{address} is no IP address\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("line", ["IMAGE_SERVER_DATA_ROOT={}", 'export IMAGE_SERVER_DATA_ROOT="{}"'])
def test_the_directory_may_stand_in_the_file_of_docker_compose(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text("# mine\nPORT=8099\n" + line.format(tmp_path / "data") + "\n")
    assert run(tmp_path, "192.168.1.100", by_environment=False).returncode == 0
    assert files(tmp_path) == ["cert.pem", "key.pem"]


def test_it_speaks_russian_to_russians(tmp_path: Path) -> None:
    assert "Созданы" in run(tmp_path, "192.168.1.100", language="ru_RU.UTF-8").stdout
