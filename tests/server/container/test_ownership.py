from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from imageserver.container import rights
from imageserver.container.ownership import SERVER, HandOver, User, server_user
from tests.server.container.root import ME, needs_root

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SOMEBODY = User(1000, 100)


def owner(path: Path) -> User:
    found = path.lstat()
    return User(found.st_uid, found.st_gid)


def give_away(path: Path, user: User) -> Path:
    os.chown(path, user.uid, user.gid, follow_symlinks=False)
    return path


def new_file(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


class TestServerUser:
    def test_it_is_the_number_of_the_image_where_everything_is_roots(self, tmp_path: Path) -> None:
        assert server_user([]) == server_user([tmp_path / "gone"]) == SERVER == User(8099, 8099)

    @needs_root
    def test_it_is_the_owner_of_the_first_directory_that_is_not_roots(self, tmp_path: Path) -> None:
        names = ("data", "images", "log")
        data, images, log = directories = [tmp_path / name for name in names]
        for directory in directories:
            directory.mkdir()
        assert server_user(directories) == SERVER
        give_away(log, User(7, 7))
        assert server_user(directories) == User(7, 7)
        give_away(images, SOMEBODY)
        assert server_user(directories) == SOMEBODY
        give_away(data, User(0, 100))
        assert server_user(directories) == SOMEBODY

    def test_for_who_is_not_root_it_is_the_owner_too(self, tmp_path: Path) -> None:
        if ME.uid:
            assert server_user([tmp_path]) == ME
        assert str(SOMEBODY) == "1000:100"


@needs_root
class TestHandOver:
    def test_what_is_roots_becomes_the_servers(self, tmp_path: Path) -> None:
        paths = [
            new_file(tmp_path / "data" / "options.yml"),
            new_file(tmp_path / "data" / "cache" / "a" / "b" / "x.jpeg"),
            new_file(tmp_path / "data" / "\udcff"),
        ]
        hand_over = HandOver(SERVER)
        hand_over.directory(tmp_path / "data")
        everything = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
        assert len(everything) == 7
        assert {owner(path) for path in everything} == {SERVER}
        assert hand_over.given == 7
        assert owner(tmp_path) != SERVER
        assert all(path.exists() for path in paths)

    def test_a_second_time_nothing_is_to_be_done(self, tmp_path: Path) -> None:
        new_file(tmp_path / "data" / "a")
        HandOver(SERVER).directory(tmp_path / "data")
        hand_over = HandOver(SERVER)
        hand_over.directory(tmp_path / "data")
        assert hand_over.given == 0

    def test_files_of_others_stay_theirs_but_their_directories_do_not(self, tmp_path: Path) -> None:
        file = give_away(new_file(tmp_path / "data" / "theirs" / "a"), SOMEBODY)
        directory = give_away(file.parent, SOMEBODY)
        HandOver(SERVER).directory(tmp_path / "data")
        assert owner(file) == SOMEBODY
        assert owner(directory) == SERVER

    def test_links_are_given_but_never_followed(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        secret = new_file(tmp_path / "ssl" / "privkey.pem")
        data = tmp_path / "config"
        data.mkdir()
        (data / "ssl").symlink_to(tmp_path / "ssl")
        (data / "key").symlink_to(secret)
        (data / "nowhere").symlink_to("gone")
        HandOver(SERVER).directory(data)
        assert {owner(path) for path in data.iterdir()} == {SERVER}
        assert owner(secret) == owner(secret.parent) == ME
        assert not caplog.messages

    def test_a_link_in_place_of_a_directory_is_not_followed_either(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "ssl").mkdir()
        (tmp_path / "images").symlink_to("ssl")
        HandOver(SERVER).directory(tmp_path / "images")
        assert owner(tmp_path / "ssl") == ME
        assert caplog.messages == [
            f"Not given to user 8099:8099: {tmp_path / 'images'}: Not a directory",
        ]

    def test_a_file_with_another_name_elsewhere_stays_roots(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        secret = new_file(tmp_path / "secret")
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "harmless").hardlink_to(secret)
        HandOver(SERVER).directory(tmp_path / "data")
        assert owner(secret) == ME
        [line] = caplog.messages
        assert line == f"Files in {tmp_path / 'data'} that have another name too (hard links) stay root's: 1"

    def test_only_files_directories_and_links_are_given(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir()
        os.mkfifo(data / "pipe")
        HandOver(SERVER).directory(data)
        assert owner(data / "pipe") == ME

    def test_who_gets_a_program_does_not_get_its_rights(self, tmp_path: Path) -> None:
        program = new_file(tmp_path / "data" / "program")
        program.chmod(0o4755)
        HandOver(SERVER).directory(tmp_path / "data")
        assert stat.S_IMODE(program.stat().st_mode) == 0o755

    def test_of_a_directory_some_names_may_be_enough(self, tmp_path: Path) -> None:
        images = tmp_path / "images"
        ours = new_file(images / "original" / "deep" / "a.jpeg")
        theirs = new_file(images / "holidays" / "original" / "a.jpeg")
        HandOver(SERVER).directory(images, only={"original"}.__contains__)
        assert {owner(path) for path in (images, ours, ours.parent, ours.parent.parent)} == {SERVER}
        assert {owner(path) for path in (theirs, theirs.parent, images / "holidays")} == {ME}

    def test_what_is_nested_without_end_is_left_alone_in_the_end(self, tmp_path: Path) -> None:
        deep = tmp_path.joinpath(*["d"] * 200)
        deep.mkdir(parents=True)
        hand_over = HandOver(SERVER)
        hand_over.directory(tmp_path / "d")
        assert owner(deep) == ME
        assert hand_over.given == 65

    def test_the_whole_file_system_is_nobodys(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        (tmp_path / "data").symlink_to("/")
        HandOver(SERVER).directory(tmp_path / "data")
        assert owner(tmp_path / "data") == ME
        assert caplog.messages == [
            f"Not given to user 8099:8099: {tmp_path / 'data'}: this is the whole file system"
        ]

    def test_what_is_not_there_is_one_line(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        HandOver(SERVER).directory(tmp_path / "gone")
        assert caplog.messages == [
            f"Not given to user 8099:8099: {tmp_path / 'gone'}: No such file or directory"
        ]

    def test_a_file_system_that_refuses_is_one_line_and_left_alone(
        self, open_directory: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for number in range(100):
            new_file(open_directory / "data" / f"{number}")
        with rights.acting_as(SOMEBODY):  # who may not give anything away
            hand_over = HandOver(SERVER)
            hand_over.directory(open_directory / "data")
        assert hand_over.given == 0
        [line] = caplog.messages
        assert line == (
            f"Not given to user 8099:8099: {open_directory / 'data'}: Operation not permitted (and 9 more)"
        )
