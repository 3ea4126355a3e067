# ruff: noqa: ANN001, ANN201, ANN204, ARG002 - as short as a user would write it, and as wrong
# mypy: ignore-errors
"""An adapter as a user might write one, with every mistake that a user might make.

It lies in `<config>/providers/` beside `fault.txt`, which says what goes wrong: `request` and a name for
`submit`, `poll` and a name for `fetch`. With anything else there it makes a picture as it should.
"""

import asyncio
import logging
import math
from pathlib import Path

from imageserver import exceptions
from imageserver.providers.base import Capabilities, Defaults, Done, ImageProvider, Pending

HERE = Path(__file__).parent
KEY = "sk-of_the-user.0123456789"


class UnprintableError(Exception):
    def __str__(self):
        raise ValueError("nothing to print")

    __repr__ = __str__


class OwnError(exceptions.BadAnswerError):
    def __str__(self):
        raise ValueError("nothing to print")


async def hang():
    await asyncio.Event().wait()


async def hang_stubbornly():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


async def cancel_its_task():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


def raising(error):
    raise error


def flood_the_log():
    for number in range(3000):
        logging.getLogger("mine").info("still at it: %d", number)
    raise exceptions.BadAnswerError("It took too long")


def circular():
    ticket = []
    ticket.append(ticket)
    return ticket


def deep():
    ticket = []
    for _ in range(100_000):
        ticket = [ticket]
    return ticket


def picture():
    return (HERE / "picture.jpeg").read_bytes()


WRONG = {
    "raises": lambda: raising(KeyError("images")),
    "raises_what_it_was_told": lambda: raising(ValueError(f"{KEY} is not taken")),
    "raises_what_can_not_be_printed": lambda: raising(UnprintableError()),
    "raises_a_word_of_10_mb": lambda: raising(exceptions.BadAnswerError("x" * 10_000_000)),
    "raises_several_lines": lambda: raising(
        exceptions.BadAnswerError("one\r\n2026-01-01 00:00:00 ERROR two\x1b[2J")
    ),
    "raises_nothing_to_read": lambda: raising(exceptions.BadAnswerError()),
    "raises_its_own_kind": lambda: raising(OwnError("x")),
    "raises_the_kind_of_all": lambda: raising(exceptions.ProviderError("It does not work today")),
    "raises_another_part_s": lambda: raising(exceptions.StateError("The disk is full")),
    "runs_out_of_memory": lambda: raising(MemoryError()),
    "recurses": lambda: raising(RecursionError("maximum recursion depth exceeded")),
    "wants_to_exit": lambda: raising(SystemExit(3)),
    "interrupts": lambda: raising(KeyboardInterrupt()),
    "raises_the_base_of_all": lambda: raising(BaseException("all")),
    "cancels_itself": lambda: raising(asyncio.CancelledError()),
    "cancels_its_task": cancel_its_task,
    "stops_iterating": lambda: raising(StopIteration()),
    "times_out": lambda: raising(TimeoutError()),
    "floods_the_log": flood_the_log,
    "rests_for_a_word": lambda: raising(exceptions.RateLimitedError("Slow down", retry_after="soon")),
    "rests_for_nan": lambda: raising(exceptions.RateLimitedError("Slow down", retry_after=math.nan)),
    "rests_for_ever": lambda: raising(exceptions.RateLimitedError("Slow down", retry_after=math.inf)),
    "rests_backwards": lambda: raising(exceptions.RateLimitedError("Slow down", retry_after=-5)),
    "hangs": hang,
    "hangs_stubbornly": hang_stubbornly,
    "returns_nothing": lambda: None,
    "returns_text": lambda: "a picture",
    "returns_a_number": lambda: 5,
}
"""What `submit` and `fetch` may do alike."""

WRONG_ANSWERS = {
    "returns_bytes": picture,
    "a_done_of_text": lambda: Done("a picture"),
    "a_done_of_nothing": lambda: Done(None),
    "an_empty_picture": lambda: Done(b""),
    "a_picture_that_is_none": lambda: Done(b"GIF89a" + bytes(100)),
    "a_picture_as_bytearray": lambda: Done(bytearray(picture())),
    "a_ticket_of_bytes": lambda: Pending(b"1"),
    "a_ticket_of_an_object": lambda: Pending(object()),
    "a_ticket_of_nan": lambda: Pending(math.nan),
    "a_ticket_of_10_mb": lambda: Pending("x" * 10_000_000),
    "a_ticket_without_end": lambda: Pending(circular()),
    "a_ticket_100_000_deep": lambda: Pending(deep()),
    "a_ticket_of_a_tuple": lambda: Pending(("a", 1)),
    "not_sent": lambda: raising(exceptions.NotSentError("The house is offline")),
    "access_refused": lambda: raising(exceptions.AccessRefusedError(f"The key {KEY} is not known")),
    "content_refused": lambda: raising(exceptions.ContentRefusedError("It does not draw that")),
    "prompt_too_long": lambda: raising(exceptions.PromptTooLongError("At most 10 words")),
    "fate_unknown": lambda: raising(exceptions.FateUnknownError("It went silent")),
}
"""What only `submit` may do."""

NEVER = {"never_done": lambda: None}


class Mine(ImageProvider):
    code = "mine"
    title = "My provider"
    capabilities = Capabilities(results_kept=True)
    defaults = Defaults(image_generate_threshold=10, daily_limit=0)
    secrets = frozenset({"api_key"})
    sent = billed = polls = 0

    async def submit(self, request):
        Mine.sent += 1
        place, fault = (HERE / "fault.txt").read_text().split()
        Mine.billed += fault not in {"not_sent", "prompt_too_long"}
        if place == "request":
            return await result(fault)
        return Pending({"prompt": request.prompt}) if place == "poll" else Done(picture())

    async def fetch(self, ticket):
        Mine.polls += 1
        place, fault = (HERE / "fault.txt").read_text().split()
        return await result(fault) if place == "poll" else picture()


async def result(fault):
    answer = {**WRONG, **WRONG_ANSWERS, **NEVER}[fault]()
    return await answer if asyncio.iscoroutine(answer) else answer
