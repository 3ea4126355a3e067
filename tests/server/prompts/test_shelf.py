import asyncio
import logging
import os
from collections.abc import Awaitable

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import NotFoundError, PromptError
from imageserver.files.atomic import TEMPORARY_PREFIX
from imageserver.prompts.disk import PromptsDisk, Reading
from imageserver.prompts.prompt import PromptChanges
from tests.prompt_books import Library, Taker, prompts_yaml, texts

BROKEN = "prompts:\n  - idx: 1\n    prompt: [a\n"


async def test_what_someone_changes_in_the_file_is_in_force_at_the_next_refresh(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    number = library.events.number
    await book.refresh()
    assert library.events.number == number
    library.write(prompts_yaml("a", "b"))
    await book.refresh()
    assert texts(book) == ["a", "b"]
    assert [event.kind for event in library.events.since(number) or ()] == [EventKind.PROMPTS]


async def test_who_watches_is_told_of_what_changes_and_of_nothing_else(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))

    async def told_of(change: Awaitable[object]) -> int:
        number = library.events.number
        await change
        return [event.kind for event in library.events.since(number) or ()].count(EventKind.PROMPTS)

    prompt = book.all()[0]
    assert await told_of(book.edit(prompt.id, changes=PromptChanges(enabled=False))) == 1
    assert await told_of(book.edit(prompt.id, changes=PromptChanges(enabled=False))) == 0
    library.write(f"# a comment\n{library.read()}")
    assert await told_of(book.refresh()) == 0
    library.write(prompts_yaml("b", "a\n    enabled: false"))
    assert await told_of(book.refresh()) == 1
    assert await told_of(book.set_placeholders({"n": ["x"]})) == 1


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"", "it is empty"),
        (BROKEN.encode(), "line 4, column 1"),
        ("prompts:\n  - prompt: кот\n".encode("cp1251"), "line 2, column 13"),
        (b"prompts:\n  - idx: 1\n   prompt: b\n", "line 3"),
        (b"prompts: []\n" * 2, "line 2, column 1"),
    ],
)
async def test_a_broken_file_leaves_the_last_good_prompts_in_force_and_says_where_it_broke(
    library: Library, caplog: pytest.LogCaptureFixture, broken: bytes, words: str
) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    caplog.clear()
    library.write(broken)
    for _ in range(3):
        await book.refresh()
    assert texts(book) == ["a", "b"]
    assert book.has_any(Taker())
    (problem,) = library.problem_texts()
    assert problem.startswith("prompts.yaml, ")
    assert words in problem
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1

    with pytest.raises(PromptError, match="Nothing can be changed until that is mended"):
        await book.add("c")
    assert library.path.read_bytes() == broken

    library.write(prompts_yaml("a", "d"))
    await book.refresh()
    assert texts(book) == ["a", "d"]
    assert library.problem_texts() == []
    await book.add("c")
    assert texts(book) == ["a", "d", "c"]


async def test_a_file_that_is_broken_at_the_start_is_left_alone_until_it_is_mended(library: Library) -> None:
    book = await library.open(BROKEN)
    assert book.all() == []
    assert len(library.problem_texts()) == 1
    with pytest.raises(PromptError):
        await book.add("c")
    assert library.read() == BROKEN
    library.write(prompts_yaml("a"))
    await book.refresh()
    assert texts(book) == ["a"]
    assert library.problem_texts() == []


async def test_a_change_sees_that_the_file_is_broken_before_any_refresh_does(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    library.write(BROKEN)
    with pytest.raises(PromptError, match="line 4"):
        await book.add("c")
    library.write(prompts_yaml("b"))
    await book.add("c")
    assert texts(book) == ["b", "c"]
    assert library.problem_texts() == []


async def test_a_file_that_vanished_is_written_anew_when_something_is_added(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    library.path.unlink()
    await book.refresh()
    assert texts(book) == ["a", "b"]
    assert library.problem_texts() == ["There is no prompts.yaml."]
    assert not library.path.exists()
    await book.add("c")
    assert texts(await library.open()) == ["a", "b", "c"]
    assert library.problem_texts() == []


async def test_a_file_that_vanished_and_comes_back_is_read(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    library.path.unlink()
    await book.refresh()
    library.write(prompts_yaml("a"))
    await book.refresh()
    assert library.problem_texts() == []
    assert texts(book) == ["a"]


async def test_a_file_that_can_not_be_read_is_a_problem_until_it_can(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    library.path.rename(library.directory / "aside")
    os.mkfifo(library.path)
    await book.refresh()
    assert library.problem_texts() == ["prompts.yaml can't be read: not a file with text in it."]
    with pytest.raises(PromptError, match="can't be read"):
        await book.add("b")
    (library.directory / "aside").replace(library.path)
    await book.refresh()
    assert library.problem_texts() == []
    await book.add("b")
    assert texts(book) == ["a", "b"]


async def test_where_nothing_can_be_written_nothing_changes_and_the_error_says_so(library: Library) -> None:
    book = await library.open()
    aside = library.directory.with_name("aside")
    library.directory.rename(aside)
    with pytest.raises(
        PromptError, match=r"prompts.yaml can't be written, nothing was changed: No such file"
    ):
        await book.add("b")
    assert texts(book) == ["test"]
    aside.rename(library.directory)
    await book.add("b")
    assert texts(book) == ["test", "b"]
    assert library.problem_texts() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_directory_that_is_read_only_is_an_error_that_says_so(library: Library) -> None:
    book = await library.open()
    library.directory.chmod(0o500)
    with pytest.raises(PromptError, match="nothing was changed: Permission denied"):
        await book.add("b")
    assert texts(book) == ["test"]
    library.directory.chmod(0o700)
    await book.add("b")
    assert texts(book) == ["test", "b"]


async def test_where_no_file_can_be_made_the_first_prompt_is_in_force_all_the_same(library: Library) -> None:
    library.directory.symlink_to("nowhere")
    book = await library.open()
    assert texts(book) == ["test"]
    assert len(library.problem_texts()) == 1
    library.directory.resolve().mkdir()
    await book.add("b")
    assert texts(await library.open()) == ["test", "b"]
    assert library.problem_texts() == []


async def test_what_would_make_the_file_too_large_to_be_read_is_refused(library: Library) -> None:
    book = await library.open()
    lists = {"n": [f"{number}{'x' * 1990}" for number in range(600)]}
    with pytest.raises(PromptError, match=r"This can't be kept: .* bytes are too many"):
        await book.set_placeholders(lists)
    assert book.global_placeholders == {}
    assert texts(await library.open()) == ["test"]


async def test_two_who_add_at_once_both_succeed(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    added = await asyncio.gather(*(book.add(f"new {number}") for number in range(5)))
    assert sorted(one.prompt.idx for one in added) == [2, 3, 4, 5, 6]
    assert texts(book) == ["a", *(f"new {number}" for number in range(5))]
    assert texts(await library.open()) == texts(book)


async def test_two_who_add_the_same_at_once_add_it_once(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    results = await asyncio.gather(book.add("b"), book.add("b"), return_exceptions=True)
    assert [isinstance(result, PromptError) for result in results] == [False, True]
    assert texts(book) == ["a", "b"]


async def test_an_edit_by_hand_is_not_lost_when_something_is_added_before_any_refresh(
    library: Library,
) -> None:
    book = await library.open(prompts_yaml("a"))
    by_hand = "# mine\n" + prompts_yaml("a # why", "b")
    library.write(by_hand)
    await book.add("c")
    assert texts(book) == ["a", "b", "c"]
    assert library.read() == "# mine\n" + prompts_yaml("a # why", "b", "c")
    assert library.backups() == {"prompts.yaml.20261124-090000.bak": by_hand}


async def test_an_edit_by_hand_in_the_very_moment_of_an_addition_is_not_lost(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await library.open(prompts_yaml("a"))
    write, edits = PromptsDisk.write, [prompts_yaml("a", "b"), prompts_yaml("a", "b", "d")]

    def edited_before(
        disk: PromptsDisk, data: bytes, *, instead_of: Reading, keep_as: str | None = None
    ) -> Reading:
        if edits:
            library.write(edits.pop(0))
        return write(disk, data, instead_of=instead_of, keep_as=keep_as)

    monkeypatch.setattr(PromptsDisk, "write", edited_before)
    await book.add("c")
    assert texts(book) == ["a", "b", "d", "c"]
    assert library.read() == prompts_yaml("a", "b", "d", "c")


async def test_someone_who_saves_all_the_time_gets_their_way(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await library.open(prompts_yaml("a"))
    write = PromptsDisk.write

    def edited_before(
        disk: PromptsDisk, data: bytes, *, instead_of: Reading, keep_as: str | None = None
    ) -> Reading:
        library.write(library.read() + "\n")
        return write(disk, data, instead_of=instead_of, keep_as=keep_as)

    monkeypatch.setattr(PromptsDisk, "write", edited_before)
    with pytest.raises(PromptError, match="Someone else is writing"):
        await book.add("c")
    assert texts(book) == ["a"]


async def test_only_what_was_edited_by_hand_is_kept_as_a_backup(library: Library) -> None:
    book = await library.open()
    await book.add("b")
    await book.add("c")
    assert library.backups() == {}
    library.write(prompts_yaml("mine"))
    await book.add("d")
    await book.add("e")
    assert library.backups() == {"prompts.yaml.20261124-090000.bak": prompts_yaml("mine")}

    await library.clock.advance(60)
    again = await library.open()
    await again.add("f")
    assert len(library.backups()) == 1, "what the server wrote itself is known after a restart too"


@pytest.mark.parametrize("renamed", [True, False])
async def test_a_crash_makes_nothing_of_the_servers_own_a_backup(
    library: Library, monkeypatch: pytest.MonkeyPatch, *, renamed: bool
) -> None:
    book = await library.open(prompts_yaml("mine"))
    await book.add("b")
    write = PromptsDisk.write

    def crash(disk: PromptsDisk, data: bytes, *, instead_of: Reading, keep_as: str | None = None) -> Reading:
        if renamed:
            write(disk, data, instead_of=instead_of, keep_as=keep_as)
        raise RuntimeError("killed")

    monkeypatch.setattr(PromptsDisk, "write", crash)
    with pytest.raises(RuntimeError, match="killed"):
        await book.add("c")
    monkeypatch.undo()
    book = await library.open()
    assert texts(book) == (["mine", "b", "c"] if renamed else ["mine", "b"])
    await book.add("d")
    assert list(library.backups().values()) == [prompts_yaml("mine")]


async def test_a_change_needs_the_prompt_that_is_there_now(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    gone = book.all()[1]
    library.write(prompts_yaml("a"))
    with pytest.raises(NotFoundError):
        await book.edit(gone.id, changes=PromptChanges(prompt="c"))
    assert texts(book) == ["a"]


async def test_a_kill_between_writing_and_renaming_leaves_the_old_file_and_no_rubbish(
    library: Library,
) -> None:
    await library.open(prompts_yaml("a"))
    (library.directory / f"{TEMPORARY_PREFIX}0123").write_text("prompts:\n  - idx: 1\n    pro")
    book = await library.open()
    assert texts(book) == ["a"]
    assert sorted(path.name for path in library.directory.iterdir()) == [
        "prompts.yaml",
        "prompts_example.yaml",
    ]


async def test_an_example_that_someone_changed_stays(library: Library) -> None:
    await library.open()
    example = library.directory / "prompts_example.yaml"
    example.write_text("mine")
    await library.open()
    assert example.read_text() == "mine"


async def test_the_file_of_the_old_server_is_changed_like_any_other(library: Library) -> None:
    old = '{\n    "prompts": [\n        {\n            "idx": 1, "prompt": "test"\n        }\n    ]\n}\n'
    book = await library.open(old)
    await book.add("b")
    assert library.read() == "prompts:\n    - idx: 1\n      prompt: test\n    - idx: 2\n      prompt: b\n"
    assert list(library.backups().values()) == [old]
