import logging
from collections import Counter

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import NotFoundError, PromptError
from imageserver.models import PromptText
from imageserver.prompts.book import PromptBook
from imageserver.prompts.prompt import Part, Position, Prompt, PromptChanges, PromptSettings
from tests.prompt_books import Library, Taker, prompts_yaml, texts


def drawn(book: PromptBook, taker: Taker, times: int = 400) -> Counter[str]:
    found = (book.draw(taker) for _ in range(times))
    return Counter("" if one is None else one.text.prompt for one in found)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]


def by_text(book: PromptBook, text: str) -> Prompt:
    return next(prompt for prompt in book.all() if prompt.prompt == text)


async def test_a_newcomer_has_one_prompt(library: Library) -> None:
    book = await library.open()
    assert library.read() == "prompts:\n    - idx: 1\n      prompt: test\n\n"
    (prompt,) = book.all()
    assert (prompt.idx, prompt.prompt, prompt.negative, prompt.enabled) == (1, "test", None, True)
    assert book.count == 1
    assert book.findings() == []


async def test_each_prompt_is_as_likely_as_the_others(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "c", "d"))
    counts = drawn(book, Taker(), times=4000)
    assert counts.keys() == {"a", "b", "c", "d"}
    assert all(850 < count < 1150 for count in counts.values())


async def test_what_is_drawn_has_its_placeholders_filled(library: Library) -> None:
    book = await library.open(
        "prompts:\n- idx: 1\n  prompt: '[[a]] [[b]]'\n  negative: '[[a]]'\n  placeholders: {a: [x, y]}\n"
        "global_placeholders: {a: [no], b: [z]}\n"
    )
    one = book.draw(Taker())
    assert one is not None
    assert one.prompt_id == book.all()[0].id
    assert one.text in (PromptText("x z", "y"), PromptText("y z", "x"))


async def test_disabled_prompts_are_not_drawn(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b\n    enabled: no"))
    assert drawn(book, Taker()).keys() == {"a"}
    await book.edit(by_text(book, "a").id, changes=PromptChanges(enabled=False))
    assert book.draw(Taker()) is None
    assert not book.has_any(Taker())
    await book.edit(by_text(book, "b").id, changes=PromptChanges(enabled=True))
    assert drawn(book, Taker()).keys() == {"b"}


async def test_a_prompt_goes_only_to_who_takes_its_longest_expansion(library: Library) -> None:
    library.takers = (short, long) = (Taker("short", 10), Taker("long", 11))
    book = await library.open(
        "prompts:\n- idx: 1\n  prompt: '[[n]] [[n]]'\n  negative: ab\n"
        "global_placeholders: {n: [a, bbbb, ccccc]}\n"
    )
    assert not book.has_any(short)
    assert book.draw(short) is None
    assert not book.has_any(long)
    library.takers = (Taker("longer", 12),)
    assert book.has_any(library.takers[0])


async def test_a_prompt_that_fits_none_is_a_finding_once_there_is_someone_to_fit(library: Library) -> None:
    library.takers = ()
    book = await library.open(prompts_yaml("x" * 30))
    assert book.findings() == []
    library.takers = (Taker("lim", 0),)
    assert book.findings() == []
    library.takers = (Taker("a", 29), Taker("b", 10))
    (finding,) = book.findings()
    assert "30 characters long, which no provider takes" in finding.text
    assert (finding.idx, finding.prompt_id) == (1, book.all()[0].id)
    library.takers = (Taker("a", 29), Taker("b", 30))
    assert book.findings() == []


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("''", "is empty"),
        ("'  '", "is empty"),
        ("x" * 2001, "has 2001 characters"),
        ('"a\\0b"', "control character"),
        ("'[[may]]'", "can become empty"),
    ],
)
async def test_what_can_not_be_a_prompt_is_kept_in_the_file_and_never_drawn(
    library: Library, prompt: str, words: str
) -> None:
    library.takers = (Taker(limit=10_000),)
    book = await library.open(f"{prompts_yaml(prompt, 'good')}global_placeholders: {{may: ['', ' ', x]}}\n")
    assert drawn(book, library.takers[0]).keys() == {"good"}
    (finding,) = book.findings()
    assert words in finding.text
    assert "never drawn" in finding.text
    assert (finding.idx, finding.line) == (1, 2)


async def test_every_template_is_checked_and_each_finding_is_one_line_of_the_log(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    book = await library.open(prompts_yaml("good", "a [[weapon]]\n    negative: '[[no name]]'"))
    about_weapon, about_name = warnings(caplog)
    assert about_weapon == "prompts.yaml, line 4, prompt 2: [[weapon]] has no values and stays as it is."
    assert about_name.startswith("prompts.yaml, line 4, prompt 2: [[no name]] stays as it is: the name of a")
    first, second = book.findings()
    assert (first.placeholder, first.position) == ("weapon", Position(Part.PROMPT, 2, 12))
    assert (second.placeholder, second.position) == (None, Position(Part.NEGATIVE, 0, 11))
    assert drawn(book, Taker()).keys() == {"good", "a [[weapon]]"}

    caplog.clear()
    await book.refresh()
    await book.set_placeholders({"weapon": ["axe"]})
    assert warnings(caplog) == []
    assert len(book.findings()) == 1


async def test_doubles_in_the_file_are_findings(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "a\n    negative: x", "a"))
    (finding,) = book.findings()
    assert finding.idx == 4
    assert "same as prompt 1" in finding.text
    assert len({prompt.id for prompt in book.all()}) == 4


async def test_notes_of_the_file_are_findings_of_their_prompts(library: Library) -> None:
    book = await library.open("prompts:\n- idx: 1\n  prompt: a\n- prompt: b\n")
    (finding,) = book.findings()
    assert (finding.prompt_id, finding.idx, finding.line) == (book.all()[1].id, 2, 4)
    assert texts(book) == ["a", "b"]


async def test_a_new_prompt_is_the_youngest(library: Library) -> None:
    book = await library.open()
    numbers = library.events.number
    added = await book.add(" a 🤖 робот\r\n", negative="fog", placeholders={"n": ["1"]}, enabled=False)
    assert added.removed == ()
    assert added.prompt == book.all()[1] == book.get(added.prompt.id)
    assert (added.prompt.idx, added.prompt.prompt, added.prompt.negative) == (2, "a 🤖 робот", "fog")
    assert (added.prompt.placeholders, added.prompt.enabled) == ({"n": ("1",)}, False)
    assert "prompt: a 🤖 робот\n" in library.read()
    assert [event.kind for event in library.events.since(numbers) or ()] == [EventKind.PROMPTS]


async def test_a_text_of_several_lines_is_one_line_of_the_log(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    book = await library.open()
    await book.add("a\nWARNING b [[c\nd]]")
    lines = [record.message for record in caplog.records]
    assert "Added prompt 2: a WARNING b [[c d]]" in lines
    assert not any("\n" in line for line in lines)


async def test_at_the_cap_the_oldest_leaves_for_a_new_one(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "c"), amount=3)
    old = by_text(book, "a")
    added = await book.add("d")
    assert added.removed == (old,)
    assert [(prompt.idx, prompt.prompt) for prompt in book.all()] == [(1, "b"), (2, "c"), (3, "d")]
    assert library.read() == prompts_yaml("b", "c", "d")
    with pytest.raises(NotFoundError, match=old.id):
        book.get(old.id)


async def test_beyond_the_cap_all_stay_with_a_warning_and_one_leaves_for_each_new_one(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    book = await library.open(prompts_yaml("a", "b", "c", "d"), amount=2)
    assert texts(book) == ["a", "b", "c", "d"]
    assert "4 prompts are more than the 2 of prompts_amount" in caplog.text
    added = await book.add("e")
    assert [prompt.prompt for prompt in added.removed] == ["a"]
    assert texts(book) == ["b", "c", "d", "e"]
    book.apply(PromptSettings(amount=4))
    assert book.findings() == []


async def test_a_cap_that_is_lowered_takes_nothing_by_itself(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    book.apply(PromptSettings(amount=1))
    await book.refresh()
    assert texts(book) == ["a", "b"]
    assert len(book.findings()) == 1


@pytest.mark.parametrize(
    ("prompt", "negative", "placeholders", "words"),
    [
        ("", None, None, "is empty"),
        (" \n\t", None, None, "is empty"),
        ("x" * 2001, None, None, "at most 2000"),
        ("a", "x" * 2001, None, "negative part has 2001"),
        ("a\0b", None, None, r"control character \(U\+0000\)"),
        ("a\ud800", None, None, r"U\+D800"),
        ("there", None, None, "there already: it is prompt 1"),
        (" there ", "  ", None, "there already"),
        ("off", None, None, "prompt 2, which is switched off"),
        ("a", None, {"my color": ["x"]}, "placeholders.my color: the name"),
        ("a", None, {"n": ["x" * 2001]}, "placeholders.n: a value has 2001"),
        ("a", None, {"": ["x"], "n": ["\x1b"]}, 'placeholders."": .*; placeholders.n: a value has a control'),
    ],
)
async def test_what_can_not_be_kept_is_refused_and_changes_nothing(
    library: Library, prompt: str, negative: str | None, placeholders: dict[str, list[str]] | None, words: str
) -> None:
    text = prompts_yaml("there", "off\n    enabled: no")
    book = await library.open(text, amount=2)
    with pytest.raises(PromptError, match=words):
        await book.add(prompt, negative=negative, placeholders=placeholders)
    assert texts(book) == ["there", "off"]
    assert library.read() == text
    assert (await book.add("there", negative="but other")).prompt.idx == 2


async def test_a_prompt_of_two_thousand_characters_is_taken(library: Library) -> None:
    book = await library.open()
    assert len((await book.add("я" * 2000)).prompt.prompt) == 2000


async def test_an_edit_changes_what_it_names_and_nothing_else(library: Library) -> None:
    book = await library.open(prompts_yaml("a\n    negative: fog\n    mood: good # mine", "b"))
    before = by_text(book, "a")
    after = await book.edit(before.id, changes=PromptChanges(prompt=" c ", placeholders={"n": ["1"]}))
    assert (after.id, after.idx, after.prompt, after.negative) == (before.id, 1, "c", "fog")
    assert after.placeholders == {"n": ("1",)}
    assert "mood: good" in library.read()
    after = await book.edit(before.id, changes=PromptChanges(negative="", placeholders={}))
    assert (after.prompt, after.negative, after.placeholders) == ("c", None, {})
    assert texts(book) == ["c", "b"]


async def test_an_edit_that_changes_nothing_writes_nothing(library: Library) -> None:
    book = await library.open(prompts_yaml("a"))
    library.path.chmod(0o400)
    inode = library.path.stat().st_ino
    await book.edit(by_text(book, "a").id, changes=PromptChanges(prompt="a", negative=" "))
    assert library.path.stat().st_ino == inode


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (PromptChanges(prompt=" "), "is empty"),
        (PromptChanges(prompt="b"), "there already: it is prompt 2"),
        (PromptChanges(placeholders={"a b": []}), "name of a placeholder"),
    ],
)
async def test_an_edit_is_held_to_the_same_rules(
    library: Library, changes: PromptChanges, words: str
) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    with pytest.raises(PromptError, match=words):
        await book.edit(by_text(book, "a").id, changes=changes)
    assert texts(book) == ["a", "b"]


async def test_a_prompt_is_removed(library: Library) -> None:
    book = await library.open(prompts_yaml("a", "b", "c"))
    removed = await book.remove(by_text(book, "b").id)
    assert (removed.idx, removed.prompt) == (2, "b")
    assert [(prompt.idx, prompt.prompt) for prompt in book.all()] == [(1, "a"), (2, "c")]
    with pytest.raises(NotFoundError):
        await book.remove(removed.id)


async def test_the_last_prompt_can_be_removed_and_the_first_added(library: Library) -> None:
    book = await library.open()
    await book.remove(book.all()[0].id)
    assert book.all() == []
    assert book.draw(Taker()) is None
    await book.add("new")
    assert texts(await library.open()) == ["new"]


@pytest.mark.parametrize(("idx", "order"), [(1, "cabd"), (3, "abcd"), (4, "abdc")])
async def test_a_prompt_is_moved(library: Library, idx: int, order: str) -> None:
    book = await library.open(prompts_yaml(*"abcd"))
    prompt = by_text(book, "c")
    moved = await book.move(prompt.id, idx)
    assert (moved.id, moved.idx) == (prompt.id, idx)
    assert texts(book) == list(order)
    assert library.read() == prompts_yaml(*order)


@pytest.mark.parametrize("idx", [0, 3, -1])
async def test_a_prompt_can_not_be_moved_where_nothing_is(library: Library, idx: int) -> None:
    book = await library.open(prompts_yaml("a", "b"))
    with pytest.raises(PromptError, match="it can be 1 to 2"):
        await book.move(by_text(book, "a").id, idx)
    with pytest.raises(NotFoundError):
        await book.move("nobody", 1)


async def test_global_lists_are_replaced(library: Library) -> None:
    book = await library.open(prompts_yaml("'[[color]]'") + "global_placeholders: {color: [red], n: [1]}\n")
    await book.set_placeholders({" цвет ": ["красный "], "color": ["blue"]})
    assert book.global_placeholders == {"цвет": ("красный",), "color": ("blue",)}
    assert drawn(book, Taker()).keys() == {"blue"}
    with pytest.raises(PromptError, match=r"placeholders\.a b"):
        await book.set_placeholders({"a b": ["x"]})
    assert book.expand(PromptText("[[цвет]] [[n]]", "[[color]]")) == PromptText("красный [[n]]", "blue")


async def test_a_preview_shows_what_a_text_would_become(library: Library) -> None:
    library.takers = (Taker("short", 5), Taker("long", 50), Taker("lim", 0))
    book = await library.open("prompts: []\nglobal_placeholders: {a: [x, yyyyyy]}\n")
    preview = book.preview("[[a]] [[b]] [[c]]", negative=" ", placeholders={"b": ["1"]}, times=30)
    assert {text.prompt for text in preview.texts} == {"x 1 [[c]]", "yyyyyy 1 [[c]]"}
    assert len(preview.texts) == 30
    assert preview.longest == PromptText("yyyyyy 1 [[c]]")
    assert preview.fits == {"short": False, "long": True}
    assert [finding.placeholder for finding in preview.findings] == ["c"]
    assert preview.findings[0].prompt_id is None
    assert book.count == 0


async def test_a_preview_of_what_can_not_be_added_says_so(library: Library) -> None:
    book = await library.open()
    assert "is empty" in book.preview(" ").findings[0].text
    assert "no provider takes" in book.preview("x" * 600).findings[0].text
    assert len(book.preview("a", times=1_000_000).texts) == 50
