from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import StateError
from imageserver.installation import TOKEN_FILE, Installation
from imageserver.state.state import State

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_installation_stays_itself_over_restarts(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    first = await Installation.open(state=state, data_dir=tmp_path)
    await state.close()
    state = await State.open(tmp_path)
    second = await Installation.open(state=state, data_dir=tmp_path)
    await state.close()
    assert (second.id, second.token) == (first.id, first.token)
    assert len(first.token) >= 40


async def test_the_token_file_is_for_its_owner_alone(state: State, tmp_path: Path) -> None:
    await Installation.open(state=state, data_dir=tmp_path)
    assert (tmp_path / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


async def test_a_renewed_token_replaces_the_old_one(state: State, tmp_path: Path) -> None:
    installation = await Installation.open(state=state, data_dir=tmp_path)
    old = installation.token
    new = await installation.renew_token()
    assert installation.accepts(new)
    assert not installation.accepts(old)
    assert not installation.accepts("")
    assert not installation.accepts("ключ")
    assert not installation.accepts("\udcff"), "a byte of a header that is no text"
    assert (tmp_path / TOKEN_FILE).read_text() == new


async def test_a_new_token_is_in_force_when_others_hear_of_it(state: State, tmp_path: Path) -> None:
    installation = await Installation.open(state=state, data_dir=tmp_path)
    heard: list[tuple[str, bool, bool]] = []

    def listener(token: str) -> None:
        heard.append((token, installation.accepts(token), (tmp_path / TOKEN_FILE).read_text() == token))

    installation.on_token += [listener, listener]
    new = await installation.renew_token()
    assert heard == [(new, True, True)] * 2


async def test_a_token_that_cannot_be_written_leaves_the_old_one_in_force(
    state: State, tmp_path: Path
) -> None:
    data_dir = tmp_path / "token"
    data_dir.mkdir()
    installation = await Installation.open(state=state, data_dir=data_dir)
    heard: list[str] = []
    installation.on_token.append(heard.append)
    old = installation.token
    (data_dir / TOKEN_FILE).unlink()
    data_dir.rmdir()
    with pytest.raises(StateError, match=TOKEN_FILE):
        await installation.renew_token()
    assert installation.accepts(old)
    assert heard == []

    data_dir.mkdir()
    assert installation.accepts(await installation.renew_token())


async def test_an_empty_token_file_opens_nothing(state: State, tmp_path: Path) -> None:
    (tmp_path / TOKEN_FILE).write_text("\n")
    installation = await Installation.open(state=state, data_dir=tmp_path)
    assert not installation.accepts("")
    assert installation.accepts(installation.token)


async def test_an_unwritable_data_directory_is_an_error_that_names_the_file(
    state: State, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="gone"):
        await Installation.open(state=state, data_dir=tmp_path / "gone")


async def test_two_new_tokens_at_once_leave_one_that_holds_and_is_in_the_file(
    state: State, tmp_path: Path
) -> None:
    installation = await Installation.open(state=state, data_dir=tmp_path)
    told: list[str] = []
    installation.on_token.append(told.append)
    for _ in range(20):
        tokens = await asyncio.gather(*(installation.renew_token() for _ in range(4)))
        assert (tmp_path / TOKEN_FILE).read_text() == installation.token == told[-1]
        assert installation.token in tokens


async def test_a_token_file_that_others_could_read_is_closed(state: State, tmp_path: Path) -> None:
    token_file = tmp_path / TOKEN_FILE
    token_file.write_text("written-by-hand")
    token_file.chmod(0o644)
    installation = await Installation.open(state=state, data_dir=tmp_path)
    assert installation.token == "written-by-hand"
    assert token_file.stat().st_mode & 0o777 == 0o600
