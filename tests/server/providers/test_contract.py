"""What holds for each adapter: those of `ADAPTERS`, and the one that `docs/providers.md` shows.

An adapter that needs something to ask has a simulator of its module's name: `tests/simulators/<module>.py`,
whose `contract_settings(directory)` is an async context manager that gives a list of settings to ask it with
and takes away at its end what they lead to. Nothing here has to be told of a new adapter.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import voluptuous as vol
from PIL import Image

from imageserver.exceptions import NotSentError, PromptTooLongError, ProviderError
from imageserver.models import PromptText
from imageserver.providers import ADAPTERS, user_adapters
from imageserver.providers.base import Capabilities, Defaults, Done, ImageProvider, Pending, PictureRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from imageserver.providers.base import ProviderContext

ROOT = Path(__file__).parents[3]
EXAMPLES, _ = user_adapters(ROOT / "examples" / "providers")
EVERY = [*ADAPTERS, *EXAMPLES]

each_adapter = pytest.mark.parametrize("adapter", EVERY, ids=lambda adapter: adapter.code)


@asynccontextmanager
async def world(adapter: type[ImageProvider], directory: Path) -> AsyncIterator[list[dict[str, Any]]]:
    """What an adapter needs to be asked, for as long as it lasts: its settings, of each kind."""
    name = f"tests.simulators.{Path(inspect.getfile(adapter)).stem}"
    if find_spec(name) is None:
        assert adapter.not_set_up(adapter.schema({})) is None, f"{adapter.code} needs a simulator: {name}"
        yield [{}]
        return
    async with import_module(name).contract_settings(directory) as settings:
        yield settings


def made(adapter: type[ImageProvider], options: dict[str, Any], context: ProviderContext) -> ImageProvider:
    checked = adapter.schema(options)
    assert adapter.not_set_up(checked) is None
    return adapter(checked, context)


def request_for(adapter: type[ImageProvider]) -> PictureRequest:
    return (
        PictureRequest(prompt="a cat", negative="a dog") if adapter.capabilities.prompt else PictureRequest()
    )


async def outcome_of(provider: ImageProvider) -> Done | Pending | ProviderError:
    try:
        return await provider.submit(request_for(type(provider)))
    except ProviderError as error:
        return error


async def picture_of(provider: ImageProvider, answer: Done | Pending) -> bytes:
    if isinstance(answer, Done):
        return answer.image
    ticket = json.loads(json.dumps(answer.ticket))
    for _ in range(20):
        picture = await provider.fetch(ticket)
        if picture is not None:
            return picture
    raise AssertionError("it never became ready")


def test_codes_are_one_of_a_kind_whatever_their_case() -> None:
    codes = [adapter.code.casefold() for adapter in EVERY]
    assert len(set(codes)) == len(codes)


def test_unless_the_user_says_otherwise_what_costs_money_is_asked_seldom() -> None:
    asked = {
        adapter.code: (adapter.defaults.image_generate_threshold, adapter.defaults.daily_limit)
        for adapter in ADAPTERS
    }
    assert asked == {"ydArt": (10, 200), "lim": (0, 0), "builtin": (0, 0)}


@each_adapter
def test_it_says_who_it_is(adapter: type[ImageProvider]) -> None:
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", adapter.code)
    assert adapter.title.strip() == adapter.title != ""
    assert isinstance(adapter.capabilities, Capabilities)
    assert isinstance(adapter.defaults, Defaults)
    assert f"`{adapter.code}`" in (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")


@each_adapter
def test_without_settings_it_says_what_is_missing_and_does_not_break(
    adapter: type[ImageProvider], context: ProviderContext
) -> None:
    checked = adapter.schema({})
    missing = adapter.not_set_up(checked)
    assert missing is None or missing.strip()
    assert isinstance(adapter(checked, context).not_ready(), str | None)


@each_adapter
def test_its_settings_are_named_and_its_secrets_among_them(adapter: type[ImageProvider]) -> None:
    keys = {str(key) for key in adapter.schema.schema}
    common = {"image_generate_threshold", "daily_limit", "sleep_time", "enabled"}
    assert not keys & common
    assert adapter.secrets <= keys
    with pytest.raises(vol.Invalid):
        adapter.schema({"no_such_key": 1})


@each_adapter
def test_its_settings_file_stays_in_the_configuration_directory(adapter: type[ImageProvider]) -> None:
    if adapter.settings_file is not None:
        path = PurePosixPath(adapter.settings_file)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert path.suffix in (".json", ".yml", ".yaml")


@each_adapter
async def test_it_brings_a_real_picture_even_after_a_restart(
    adapter: type[ImageProvider], context: ProviderContext, tmp_path: Path
) -> None:
    async with world(adapter, tmp_path) as settings:
        for options in settings:
            provider = made(adapter, options, context)
            await provider.start()
            answer = await provider.submit(request_for(adapter))
            if provider.capabilities.results_kept:
                await provider.close()
                provider = made(adapter, options, context)

            picture = await picture_of(provider, answer)

            await provider.close()

            with Image.open(BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as image:
                image.load()
                assert min(image.size) >= 100


@each_adapter
async def test_when_the_world_is_gone_it_says_so_in_our_words(
    adapter: type[ImageProvider], context: ProviderContext, tmp_path: Path
) -> None:
    async with world(adapter, tmp_path) as settings:
        providers = [made(adapter, options, context) for options in settings]
    for provider in providers:
        outcome = await outcome_of(provider)
        if isinstance(outcome, NotSentError):
            assert 10 < len(str(outcome)) <= 300
        else:
            assert isinstance(outcome, Done), "it needs nothing but itself"


@each_adapter
async def test_a_prompt_over_its_limit_is_refused_before_it_is_sent(
    adapter: type[ImageProvider], context: ProviderContext, tmp_path: Path
) -> None:
    limit = adapter.capabilities.max_prompt_length
    assert adapter.fits(PromptText("я" * (limit or 2000))) is adapter.capabilities.prompt
    if limit is None:
        return
    assert not adapter.fits(PromptText("я" * (limit + 1)))
    async with world(adapter, tmp_path) as settings:
        for options in settings:
            provider = made(adapter, options, context)
            assert provider.capabilities.max_prompt_length == limit
            with pytest.raises(PromptTooLongError):
                await provider.submit(PictureRequest(prompt="я" * (limit + 1)))


@each_adapter
@pytest.mark.parametrize("ticket", [None, True, 7, "", [], {}, {"operation": []}, {"x": {"y": [1]}}])
async def test_a_ticket_that_is_none_breaks_nothing(
    adapter: type[ImageProvider], context: ProviderContext, tmp_path: Path, ticket: Any
) -> None:
    async with world(adapter, tmp_path) as settings:
        for options in settings:
            provider = made(adapter, options, context)
            with pytest.raises((ProviderError, NotImplementedError)) as caught:
                await provider.fetch(ticket)
            assert isinstance(caught.value, ProviderError) or not provider.capabilities.results_kept


@each_adapter
async def test_it_leaves_nothing_running(
    adapter: type[ImageProvider], context: ProviderContext, tmp_path: Path
) -> None:
    async with world(adapter, tmp_path) as settings:
        before = asyncio.all_tasks()
        for options in settings:
            never_started = made(adapter, options, context)
            await never_started.close()
            provider = made(adapter, options, context)
            await provider.start()
            await provider.close()
            await provider.close()
        assert asyncio.all_tasks() == before
