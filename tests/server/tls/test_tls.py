from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from imageserver.exceptions import SettingsError
from imageserver.tls.tls import CIPHERS, server_context
from imageserver.web.listeners import Listener, serving
from tests.tls import certificate_file, make_certificate, run, server_tls

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"
BEGIN = "-----BEGIN CERTIFICATE-----"


async def agreed(client: ssl.SSLContext, server: ssl.SSLContext | None = None) -> tuple[str, str]:
    """The cipher and version that a client gets."""
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    listener = Listener(host=LOOPBACK, port=0, option="--port", tls=lambda: server or server_tls())
    async with serving(web.Application(), listener):
        _, writer = await asyncio.open_connection(LOOPBACK, listener.port, ssl=client)
        cipher, version, _ = writer.get_extra_info("cipher")
        writer.transport.abort()
    return cipher, version


def client_context(
    ciphers: str | None = None, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = newest
    if ciphers:
        context.set_ciphers(ciphers)
    return context


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "ECDHE-RSA-CHACHA20-POLY1305"),
        ("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("ECDHE+AESGCM", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("AES256-SHA256:AES128-SHA256:AES128-SHA", "AES128-SHA256"),
        ("AES128-SHA", "AES128-SHA"),
    ],
)
async def test_the_server_chooses_what_costs_a_frame_least(offered: str | None, chosen: str) -> None:
    assert (await agreed(client_context(offered)))[0] == chosen


async def test_newer_clients_get_tls_1_3() -> None:
    assert (await agreed(client_context(newest=ssl.TLSVersion.TLSv1_3)))[1] == "TLSv1.3"


async def test_older_versions_are_refused() -> None:
    assert server_tls().minimum_version is ssl.TLSVersion.TLSv1_2
    context = client_context("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ConnectionError):
        await agreed(context)


def test_the_order_of_ciphers_is_the_protocols() -> None:
    names = [cipher["name"] for cipher in server_tls().get_ciphers()]
    of_tls_1_2 = [name for name in names if not name.startswith("TLS_")]
    assert "CHACHA20" in of_tls_1_2[0]
    assert of_tls_1_2[-5:] == CIPHERS.split(":")[-5:]


# Files that can't be used


def split(pem: str) -> tuple[str, str]:
    """The key and the certificate."""
    at = pem.index(BEGIN)
    return pem[:at], pem[at:]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A good `cert.pem` and `key.pem`."""
    key, certificate = split(certificate_file().read_text())
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_text(certificate)
    paths[1].write_text(key)
    return paths


def test_a_pair_is_used(files: tuple[Path, Path]) -> None:
    assert isinstance(server_context(*files), ssl.SSLContext)


def test_a_pair_that_does_not_belong_together_is_refused(files: tuple[Path, Path]) -> None:
    key, _ = split(make_certificate())
    files[1].write_text(key)
    with pytest.raises(SettingsError, match=r"cert\.pem and .*key\.pem do not belong together"):
        server_context(*files)


@pytest.mark.parametrize("number", [0, 1])
def test_a_missing_file_is_named(files: tuple[Path, Path], number: int) -> None:
    files[number].unlink()
    with pytest.raises(SettingsError, match=f"^{files[number]} is missing$"):
        server_context(*files)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    "content", [b"", b"nothing of the kind", BEGIN.encode() + b"\nMIIB\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_pem_is_refused(files: tuple[Path, Path], number: int, content: bytes) -> None:
    files[number].write_bytes(content)
    with pytest.raises(SettingsError, match="are no certificate and key in PEM"):
        server_context(*files)


def test_a_directory_is_no_certificate(files: tuple[Path, Path]) -> None:
    files[0].unlink()
    files[0].mkdir()
    with pytest.raises(SettingsError, match=r"cert\.pem"):
        server_context(*files)


def test_an_encrypted_key_is_refused_without_asking_for_its_password(files: tuple[Path, Path]) -> None:
    encrypted = run("openssl", "pkcs8", "-topk8", "-passout", "pass:secret", typed=files[1].read_text())
    files[1].write_text(encrypted)
    with pytest.raises(SettingsError, match=r"key\.pem is encrypted: the server needs it without a password"):
        server_context(*files)


@pytest.fixture(params=["ec -pkeyopt ec_paramgen_curve:prime256v1", "rsa:3072"])
def users_files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and key of the user's choice."""
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    kind = ("-newkey", *request.param.split(), "-subj", "/CN=x")
    run("openssl", "req", "-x509", "-nodes", *kind, "-out", paths[0], "-keyout", paths[1])
    return paths


async def test_a_users_own_certificate_of_any_kind_is_used(users_files: tuple[Path, Path]) -> None:
    cipher, _ = await agreed(client_context(), server_context(*users_files))
    assert cipher.endswith("CHACHA20-POLY1305")
