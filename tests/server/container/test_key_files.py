from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from imageserver.app_options import take
from imageserver.container import key_files
from imageserver.container.key_files import KeyFiles
from imageserver.container.ownership import SERVER, User
from imageserver.tls.origin import Origin, stamp_of
from tests.server.container.root import ME, needs_root
from tests.tls import make_certificate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pair(tmp_path: Path) -> KeyFiles:
    ssl = tmp_path / "ssl"
    ssl.mkdir()
    pem = make_certificate()
    at = pem.index("-----BEGIN CERTIFICATE-----")
    (ssl / "fullchain.pem").write_text(pem[at:])
    (ssl / "privkey.pem").write_text(pem[:at])
    return KeyFiles(ssl / "fullchain.pem", ssl / "privkey.pem")


def origin_of(copies: Path) -> Origin:
    origin = Origin.read(copies)
    assert origin is not None
    return origin


def copies_of(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.parametrize("user", [ME, pytest.param(SERVER, marks=needs_root)])
def test_a_pair_is_copied_for_the_servers_user_alone(pair: KeyFiles, tmp_path: Path, user: User) -> None:
    copies = tmp_path / "run" / "certs"
    key_files.copy(pair, copies, user)
    for name, source in (("cert.pem", pair.certificate), ("key.pem", pair.key)):
        found = (copies / name).stat()
        assert (copies / name).read_bytes() == source.read_bytes()
        assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o600, user.uid, user.gid)
    assert origin_of(copies) == Origin(
        certificate=pair.certificate,
        key=pair.key,
        stamps=(stamp_of(pair.certificate), stamp_of(pair.key)),
        problem=None,
    )


def test_one_file_may_hold_both(tmp_path: Path) -> None:
    file = tmp_path / "both.pem"
    file.write_text(make_certificate())
    key_files.copy(KeyFiles(file, file), tmp_path / "certs", ME)
    assert copies_of(tmp_path / "certs") == ["cert.pem", "key.pem", "origin.json"]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda pair: pair.key.unlink(), "privkey.pem is missing"),
        (lambda pair: pair.certificate.write_text("nothing"), "are no certificate and key in PEM"),
        (lambda pair: pair.key.write_text(make_certificate()), "do not belong together"),
        (lambda pair: (pair.key.unlink(), pair.key.mkdir()), "can't be read: Is a directory"),
    ],
)
def test_of_a_pair_that_can_not_be_used_only_the_reason_is_there(
    pair: KeyFiles, tmp_path: Path, spoil: object, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(spoil)
    spoil(pair)
    key_files.copy(pair, tmp_path / "certs", ME)
    assert copies_of(tmp_path / "certs") == ["origin.json"]
    assert problem in str(origin_of(tmp_path / "certs").problem)
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert problem in record.getMessage()


def test_what_an_earlier_start_copied_is_forgotten(pair: KeyFiles, tmp_path: Path) -> None:
    copies = tmp_path / "certs"
    key_files.forget_copies(copies)
    key_files.copy(pair, copies, ME)
    key_files.forget_copies(copies)
    assert copies_of(copies) == []


def test_the_apps_options_name_files_below_ssl(tmp_path: Path) -> None:
    def of_app(certfile: str, keyfile: str) -> KeyFiles | None:
        return KeyFiles.of_app(take({"certfile": certfile, "keyfile": keyfile}), tmp_path)

    assert of_app("", " ") is None
    for name in ("a.pem", "live/home/a.pem", str(tmp_path / "a.pem"), "x/../a.pem"):
        found = of_app(name, "privkey.pem")
        assert found is not None
        assert found.wrong is None
        assert found.certificate.name == "a.pem"
        assert found.key == tmp_path / "privkey.pem"


@pytest.mark.parametrize(
    ("certfile", "keyfile", "wrong"),
    [
        ("fullchain.pem", "", "the option keyfile is empty"),
        ("", "privkey.pem", "the option certfile is empty"),
        ("../data/options.json", "privkey.pem", "certfile must name a file in "),
        ("fullchain.pem", "/config/privkey.pem", "but is /config/privkey.pem"),
    ],
)
def test_options_that_can_not_be_meant_are_the_reason(
    pair: KeyFiles, tmp_path: Path, certfile: str, keyfile: str, wrong: str
) -> None:
    files = KeyFiles.of_app(take({"certfile": certfile, "keyfile": keyfile}), pair.key.parent)
    assert files is not None
    key_files.copy(files, tmp_path / "certs", ME)
    assert copies_of(tmp_path / "certs") == ["origin.json"]
    assert wrong in str(origin_of(tmp_path / "certs").problem)


@needs_root
def test_root_finds_out_what_another_user_can_not_read(open_directory: Path) -> None:
    certs = open_directory / "certs"
    certs.mkdir()
    files = KeyFiles.of_directory(certs)
    assert not files.are_closed_to(SERVER), "nothing is there"
    files.certificate.write_text("a")
    files.key.write_text("a")
    assert not files.are_closed_to(SERVER)
    files.key.chmod(0o600)
    assert files.are_closed_to(SERVER)
    files.key.chmod(0o640)
    assert not files.are_closed_to(User(8099, 0))
    certs.chmod(0o700)
    assert files.are_closed_to(SERVER)
