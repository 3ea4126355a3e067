import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from imageserver.events import EventKind
from imageserver.prompts.book import PromptBook
from imageserver.prompts.disk import PromptsDisk, Reading
from imageserver.prompts.prompt import Prompt, PromptChanges
from imageserver.prompts.records import GONE_KEPT, WRITTEN
from imageserver.state.state import FILE_NAME
from tests.prompt_books import Library, Taker, prompts_yaml, texts

OTHER = Taker("other")


def ids(book: PromptBook) -> dict[str, str]:
    return {prompt.prompt: prompt.id for prompt in book.all()}


def first(book: PromptBook) -> Prompt:
    return book.all()[0]


async def test_ids_stay_when_prompts_move_and_the_server_starts_again(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "c"))
    before = ids(book)
    await book.move(before["c"], 1)
    assert texts(book) == ["c", "a", "b"]
    library.write(prompts_yaml("b", "new", "c", "a"))
    await book.refresh()
    assert {name: ids(book)[name] for name in "abc"} == before
    assert ids(await library.open()) == ids(book)


async def test_an_edited_prompt_keeps_its_id_over_a_restart(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    before = ids(book)
    await book.edit(before["a"], changes=PromptChanges(prompt="c", placeholders={"n": ["1"]}))
    assert ids(await library.open()) == {"c": before["a"], "b": before["b"]}


async def test_what_was_once_another_prompt_gets_an_id_of_its_own(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    before = first(book).id
    await book.edit(before, changes=PromptChanges(prompt="b"))
    added = await book.add("a")
    assert added.prompt.id != before
    assert len(set(ids(book).values())) == 2
    assert ids(await library.open()) == ids(book)


async def test_each_prompt_that_takes_the_words_of_one_before_gets_an_id_of_its_own(
    library: Library,
) -> None:
    book = await library.open(prompts_yaml("a"))
    for text in ("b", "c", "d"):
        await book.edit(ids(book)["a"], changes=PromptChanges(prompt=text))
        await book.add("a")
    assert len(set(ids(book).values())) == 4
    assert ids(await library.open()) == ids(book)


async def test_of_prompts_with_the_same_words_each_is_known_by_its_lists(library: Library) -> None:
    blue = "'[[n]]'\n    placeholders: {n: [blue], m: [x]}"
    red = blue.replace("blue", "red")
    book = await library.open(prompts_yaml(blue, red))
    first_id, second_id = (prompt.id for prompt in book.all())
    library.write(prompts_yaml(red.replace("{n: [red], m: [x]}", "{m: [x], n: [red]}"), blue))
    await book.refresh()
    assert [prompt.id for prompt in book.all()] == [second_id, first_id]


async def test_the_same_prompt_has_the_same_id_where_nothing_is_remembered(library: Library) -> None:
    before = ids(await library.open(prompts_yaml("a", "b")))
    await library.state.run(lambda connection: connection.execute("DELETE FROM prompt_ids"))
    assert ids(await library.open()) == before


async def test_what_the_server_writes_is_known_on_the_disk_before_it_is_written(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    book = await library.open(prompts_yaml("mine"))
    write, known = PromptsDisk.write, []

    def look_before(
        disk: PromptsDisk, data: bytes, *, instead_of: Reading, keep_as: str | None = None
    ) -> Reading:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
            (row,) = other.execute("SELECT value FROM notes WHERE key = ?", (WRITTEN,))
        known.append(sha256(data).hexdigest() in json.loads(row[0]))
        return write(disk, data, instead_of=instead_of, keep_as=keep_as)

    monkeypatch.setattr(PromptsDisk, "write", look_before)
    await book.add("b")
    await book.add("c")
    assert known == [True, True]


async def test_what_the_server_wrote_long_ago_is_a_persons_work_when_it_comes_back(library: Library) -> None:
    book = await library.open()
    versions = []
    for text in "abc":
        await book.add(text)
        versions.append(library.read())
    library.write(versions[0])
    await book.add("d")
    assert list(library.backups().values()) == [versions[0]]


async def test_an_edit_by_hand_makes_a_new_id(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    before = first(book).id
    library.write(prompts_yaml("a\n    negative: b"))
    await book.refresh()
    assert first(book).id != before


async def test_equal_prompts_have_ids_of_their_own_that_last(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "a", "b"))
    before = [prompt.id for prompt in book.all()]
    assert len(set(before)) == 3
    assert [prompt.id for prompt in (await library.open()).all()] == before
    await book.edit(before[0], changes=PromptChanges(prompt="c"))
    assert [prompt.id for prompt in book.all()] == before
    assert [prompt.id for prompt in (await library.open()).all()] == before


async def test_a_refused_prompt_is_not_drawn_for_who_refuses_it_and_shows_why(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    number = library.events.number
    await book.refuse(first(book).id, provider="ydArt", reason="It shows weapons")
    assert first(book).refused_by == {"ydArt": "It shows weapons"}
    assert book.draw(Taker()) is None
    assert not book.has_any(Taker())
    assert book.draw(OTHER) is not None
    assert [event.kind for event in library.events.since(number) or ()] == [EventKind.PROMPTS]

    book = await library.open()
    assert first(book).refused_by == {"ydArt": "It shows weapons"}
    assert not book.has_any(Taker())


@pytest.mark.parametrize(
    "changes",
    [
        PromptChanges(prompt="a [[n]]!"),
        PromptChanges(negative="fog"),
        PromptChanges(placeholders={"n": ["2"]}),
        PromptChanges(placeholders={"unused": ["2"]}),
    ],
)
async def test_an_edit_ends_a_refusal(library: Library, changes: PromptChanges) -> None:
    book = await library.open(prompts_yaml("a [[n]]\n    placeholders: {n: [1]}"))
    await book.refuse(first(book).id, provider="ydArt", reason="no")
    await book.edit(first(book).id, changes=changes)
    assert first(book).refused_by == {}
    assert book.has_any(Taker())
    assert first(await library.open()).refused_by == {}


async def test_what_changes_no_content_ends_no_refusal(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    refused = first(book).id
    await book.refuse(refused, provider="ydArt", reason="no")
    await book.edit(refused, changes=PromptChanges(enabled=False))
    await book.edit(refused, changes=PromptChanges(enabled=True))
    await book.move(refused, 2)
    await book.set_placeholders({"n": ["unused"]})
    await book.add("c")
    assert book.get(refused).refused_by == {"ydArt": "no"}


async def test_other_global_lists_end_the_refusals_of_the_prompts_that_use_them(library: Library) -> None:
    book = await library.open(prompts_yaml("a [[n]]", "b") + "global_placeholders: {n: [1]}\n")
    for prompt in book.all():
        await book.refuse(prompt.id, provider="ydArt", reason="no")
    await book.set_placeholders({"n": ["2"]})
    assert [prompt.refused_by for prompt in book.all()] == [{}, {"ydArt": "no"}]
    library.write(library.read().replace("b\n", "b [[n]]\n"))
    await book.refresh()
    await book.refuse(first(book).id, provider="ydArt", reason="no")
    library.write(library.read().replace("- '2'", "- '3'"))
    await book.refresh()
    assert first(book).refused_by == {}


async def test_a_prompt_that_is_removed_and_added_again_is_refused_by_nobody(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    await book.refuse(first(book).id, provider="ydArt", reason="no")
    await book.remove(first(book).id)
    await book.add("a")
    assert first(book).refused_by == {}
    assert first(await library.open()).refused_by == {}


async def test_a_file_that_was_half_written_for_a_moment_costs_no_refusal(library: Library) -> None:
    text = prompts_yaml("a", "b")
    book = await library.open(text)
    before = ids(book)
    await book.refuse(before["b"], provider="ydArt", reason="no")
    library.write(prompts_yaml("a"))
    await book.refresh()
    assert texts(book) == ["a"]
    library.write(text)
    await book.refresh()
    assert ids(book) == before
    assert book.get(before["b"]).refused_by == {"ydArt": "no"}


async def test_what_is_gone_at_a_start_is_forgotten(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    await book.refuse(ids(book)["b"], provider="ydArt", reason="no")
    await library.open(prompts_yaml("a"))
    book = await library.open(prompts_yaml("a", "b"))
    assert [prompt.refused_by for prompt in book.all()] == [{}, {}]


async def test_a_file_that_is_broken_at_a_start_costs_no_id(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    before = first(book).id
    await book.edit(before, changes=PromptChanges(prompt="b"))
    good = library.read()
    book = await library.open("prompts: [")
    library.write(good)
    await book.refresh()
    assert ids(book) == {"b": before}


async def test_the_refusal_of_a_prompt_that_left_meanwhile_is_not_kept(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    number = library.events.number
    await book.refuse("gone", provider="ydArt", reason="no")
    assert library.events.number == number


async def test_editing_by_hand_for_years_fills_no_memory(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "edit 0"))
    before = ids(book)["a"]
    await book.refuse(ids(book)["edit 0"], provider="ydArt", reason="no")
    for number in range(1, 4):
        edits = (f"edit {number}.{one}" for one in range(GONE_KEPT // 2))
        library.write(prompts_yaml("a", *edits))
        await book.refresh()
    (known,) = await library.state.read(
        lambda connection: connection.execute("SELECT count(*) FROM prompt_ids").fetchone()
    )
    assert known == GONE_KEPT + book.count
    assert ids(book)["a"] == before
    (refused,) = await library.state.read(
        lambda connection: connection.execute("SELECT count(*) FROM refusals").fetchone()
    )
    assert refused == 0, "what refused the forgotten is forgotten too"
