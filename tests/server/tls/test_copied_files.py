from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imageserver.events import Events
from imageserver.problems import Problems
from imageserver.tls.certificates import Certificates
from imageserver.tls.copied_files import CopiedFiles
from imageserver.tls.origin import NAME, Origin, stamp_of
from tests.manual_clock import ManualClock
from tests.tls import make_certificate

if TYPE_CHECKING:
    from pathlib import Path


class Start:
    """What is there when a server starts: the user's files, and what was made of them."""

    def __init__(self, root: Path) -> None:
        self.certificate, self.key = root / "fullchain.pem", root / "privkey.pem"
        self.certificate.write_text("certificate")
        self.key.write_text("key")
        self.copies = root / "copies"
        self.copies.mkdir()
        self.problems = Problems(clock=ManualClock(), events=Events())
        self.copied = CopiedFiles(directory=self.copies, problems=self.problems)

    def note(self, problem: str | None = None) -> None:
        origin = Origin(
            certificate=self.certificate,
            key=self.key,
            stamps=(stamp_of(self.certificate), stamp_of(self.key)),
            problem=problem,
        )
        origin.write(self.copies)
        assert Origin.read(self.copies) == origin

    @property
    def trouble(self) -> list[str]:
        return [problem.code for problem in self.problems.all()]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return Start(tmp_path)


@pytest.mark.parametrize("noted", [None, "", "[]", "{}", '{"certificate": 1}', "{", '{"stamps": 7}'])
async def test_where_nothing_was_copied_there_is_nothing_to_tell(start: Start, noted: str | None) -> None:
    if noted is not None:
        (start.copies / NAME).write_text(noted)
    await start.copied.open()
    await start.copied.look()
    assert start.trouble == []
    assert start.copied.certificate() is None


async def test_a_file_that_was_replaced_is_a_problem_with_a_restart_as_remedy(start: Start) -> None:
    start.note()
    await start.copied.open()
    assert start.trouble == []
    assert start.copied.certificate() == start.certificate
    start.key.write_text("another key")
    await start.copied.look()
    [problem] = start.problems.all()
    assert problem.code == "certificate_copied"
    assert str(start.certificate) in problem.text
    assert "Restart the app (or the container)" in problem.remedy


async def test_a_file_that_came_back_as_it_was_is_none(start: Start) -> None:
    start.note()
    await start.copied.open()
    before = start.certificate.stat()
    os.utime(start.certificate, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    await start.copied.look()
    assert start.trouble == ["certificate_copied"]
    os.utime(start.certificate, ns=(before.st_atime_ns, before.st_mtime_ns))
    await start.copied.look()
    assert start.trouble == []


async def test_a_file_that_is_away_for_a_moment_is_none(start: Start) -> None:
    start.note()
    await start.copied.open()
    start.certificate.unlink()
    await start.copied.look()
    assert start.trouble == []


async def test_files_that_could_not_be_used_are_a_problem_until_a_restart(start: Start) -> None:
    start.note(problem=f"{start.key} is encrypted: the server needs it without a password")
    await start.copied.open()
    start.key.write_text("without a password")
    await start.copied.look()
    [problem] = start.problems.all()
    assert problem.code == "certificate_refused"
    assert f"{start.key} is encrypted" in problem.text
    assert "restart" in problem.remedy


async def test_a_server_with_copies_tells_of_the_files_that_its_user_has(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    pem = make_certificate(ends="2026-12-01T00:00:00+00:00")
    for name in ("cert.pem", "key.pem"):
        (start.copies / name).write_text(pem)
    start.note()
    certificates = Certificates(
        cert_dir=start.copies,
        own_dir=start.copies.with_name("own"),
        addresses=tuple,
        clock=ManualClock(),
        problems=start.problems,
    )
    with caplog.at_level("INFO"):
        await certificates.open()
    assert f"The certificate is {start.certificate}" in caplog.messages
    start.certificate.write_text("another")
    await certificates.refresh()
    assert start.trouble == ["certificate_copied", "certificate_ends"]
    [_, ends] = start.problems.all()
    assert ends.remedy == f"Renew {start.certificate}, then restart the app (or the container)."


async def test_a_server_without_copies_that_can_be_used_makes_a_certificate_of_its_own(start: Start) -> None:
    start.note(problem="/ssl/fullchain.pem is missing")
    own = start.copies.with_name("own")
    certificates = Certificates(
        cert_dir=start.copies, own_dir=own, addresses=tuple, clock=ManualClock(), problems=start.problems
    )
    await certificates.open()
    assert start.trouble == ["certificate_refused"]
    assert (own / "server.pem").exists()
