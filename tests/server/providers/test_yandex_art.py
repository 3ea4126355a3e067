from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from math import inf
from typing import TYPE_CHECKING, Any

import pytest
import voluptuous as vol
from PIL import Image

from imageserver.exceptions import (
    AccessRefusedError,
    BadAnswerError,
    ContentRefusedError,
    FateUnknownError,
    PromptTooLongError,
    ProviderError,
    RateLimitedError,
)
from imageserver.models import PromptText, Size
from imageserver.providers.base import Done, Pending, PictureRequest
from imageserver.providers.http_client import Answer, HttpClient
from imageserver.providers.yandex_art import (
    YandexArt,
    _generated_picture,
    _operation_picture,
    _ticket,
    size_for,
)
from tests import pictures
from tests.simulators.drawn import prompt_of
from tests.simulators.yandex_art import YandexArtSimulator
from tests.simulators.yandex_art_faults import (
    ACCESS,
    BAD_ANSWERS,
    RATES,
    REFUSALS,
    UNKNOWN_FATES,
)
from tests.simulators.yandex_art_rules import API_KEY, FOLDER_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from imageserver.models import Json
    from imageserver.providers.base import ProviderContext
    from tests.manual_clock import ManualClock

    type Adapter = Callable[..., YandexArt]

CAT = PictureRequest(prompt="рыжий кот")
PATIENCE = 0.3
PICTURE = pictures.jpeg(832, 1280)

MEANINGS: dict[str, type[ProviderError]] = {
    **dict.fromkeys(REFUSALS, ContentRefusedError),
    **dict.fromkeys(ACCESS, AccessRefusedError),
    **dict.fromkeys(RATES, RateLimitedError),
    **dict.fromkeys(UNKNOWN_FATES, FateUnknownError),
    **dict.fromkeys(BAD_ANSWERS, BadAnswerError),
}
FOR_EITHER = {
    name: meaning
    for name, meaning in MEANINGS.items()
    if name not in ("refused_empty_data", "no_data", "json_list") and not name.startswith("refused_in")
}


@pytest.fixture
async def yandex(clock: ManualClock) -> AsyncIterator[YandexArtSimulator]:
    async with YandexArtSimulator(old_model_retired=False, now=clock.now) as simulator:
        yield simulator


@pytest.fixture
def adapter(yandex: YandexArtSimulator, context: ProviderContext) -> Adapter:
    """Make an adapter whose settings went through its schema; the timeout may be shorter than that allows."""

    def make(*, timeout: float = 5, **options: Any) -> YandexArt:
        return YandexArt(YandexArt.schema(yandex.options | options) | {"timeout": timeout}, context)

    return make


# One call


async def test_one_call_brings_the_picture_of_the_prompt(
    yandex: YandexArtSimulator, adapter: Adapter
) -> None:
    answer = await adapter().submit(CAT)

    assert isinstance(answer, Done)
    assert prompt_of(answer.image) == "рыжий кот"
    assert Image.open(BytesIO(answer.image)).size == (832, 1280)
    [asked] = yandex.asked
    assert (asked.method, asked.path) == ("POST", "/v1/images/generations")
    assert asked.model == f"art://{FOLDER_ID}/aliceai-image-art-3.0"
    assert (asked.width, asked.height) == (1024, 1536)


@pytest.mark.parametrize(
    ("negative", "sent"),
    [
        ("очки, шляпа", "рыжий кот. Игнорировать следующее: очки, шляпа"),
        ("  очки\n", "рыжий кот. Игнорировать следующее: очки"),
        ("   ", "рыжий кот"),
        ("", "рыжий кот"),
        (None, "рыжий кот"),
    ],
)
async def test_what_shall_not_be_there_is_said_in_the_prompt(
    yandex: YandexArtSimulator, adapter: Adapter, negative: str | None, sent: str
) -> None:
    await adapter().submit(PictureRequest(prompt="рыжий кот", negative=negative))

    assert yandex.asked[0].prompt == sent
    assert YandexArt.prompt_length(PromptText("рыжий кот", negative)) == len(sent)


async def test_500_characters_go_and_501_are_refused_before_they_are_sent(
    yandex: YandexArtSimulator, adapter: Adapter
) -> None:
    longest = 500 - len(". Игнорировать следующее: шум")

    await adapter().submit(PictureRequest(prompt="я" * longest, negative="шум"))
    with pytest.raises(PromptTooLongError, match=r"500.* 501"):
        await adapter().submit(PictureRequest(prompt="я" * (longest + 1), negative="шум"))

    assert len(yandex.asked) == 1
    assert YandexArt.fits(PromptText("я" * longest, "шум"))
    assert not YandexArt.fits(PromptText("я" * longest, "шум!"))


@pytest.mark.parametrize("prompt", [None, "", " \n"])
async def test_nothing_is_no_prompt(yandex: YandexArtSimulator, adapter: Adapter, prompt: str | None) -> None:
    with pytest.raises(ContentRefusedError, match=r"^YandexART needs a prompt$"):
        await adapter().submit(PictureRequest(prompt=prompt))
    assert not yandex.asked


async def test_the_model_is_sent_as_it_is_written(yandex: YandexArtSimulator, adapter: Adapter) -> None:
    await adapter(model="art://{folder_id}/aliceai-image-art-3.0/latest").submit(CAT)
    with pytest.raises(AccessRefusedError):
        await adapter(model="art://b1gsomebodyelse/{x}").submit(CAT)

    assert yandex.asked[0].model == f"art://{FOLDER_ID}/aliceai-image-art-3.0/latest"
    assert yandex.asked[1].model == "art://b1gsomebodyelse/{x}"


async def test_a_size_of_ones_own_goes_before_the_screens(
    yandex: YandexArtSimulator, adapter: Adapter
) -> None:
    await adapter(size="1792x1024").submit(CAT)
    assert (yandex.asked[0].width, yandex.asked[0].height) == (1792, 1024)


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (Size(320, 480), Size(1024, 1536)),
        (Size(480, 320), Size(1536, 1024)),
        (Size(480, 800), Size(960, 1600)),
        (Size(240, 320), Size(1152, 1536)),
        (Size(1, 1), Size(1280, 1280)),
        (Size(445, 480), Size(1280, 1408)),  # of what is off by less than a thousandth, the nearest in size
        (Size(4000, 1), Size(87168, 64)),
        (Size(1, 4000), Size(64, 256_000)),
    ],
)
def test_the_size_has_the_screens_ratio_at_about_a_megapixel_and_a_half(screen: Size, size: Size) -> None:
    assert size_for(screen) == size


@pytest.mark.parametrize(
    "screen", [Size(w, h) for w in (100, 122, 333, 600, 1920) for h in (99, 250, 448, 1080)]
)
def test_any_screen_gets_a_size_of_nearly_its_ratio(screen: Size) -> None:
    size = size_for(screen)
    assert size.width % 64 == size.height % 64 == 0
    assert size.width / size.height == pytest.approx(screen.width / screen.height, rel=0.06)
    assert 1_000_000 < size.width * size.height < 2_100_000


# Every way to say no


@pytest.mark.parametrize(("fault", "meaning"), MEANINGS.items())
async def test_each_fault_has_its_meaning_and_is_one_request(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str, meaning: type[ProviderError]
) -> None:
    provider = adapter(timeout=PATIENCE if fault in ("silence", "drip") else 5)
    yandex.next(fault)

    with pytest.raises(ProviderError) as caught:
        await provider.submit(CAT)

    assert type(caught.value) is meaning
    assert len(yandex.asked) == 1
    _is_fit_for_people(str(caught.value))
    assert isinstance(await provider.submit(CAT), Done), "the next request is none the worse for it"


@pytest.mark.parametrize(("fault", "meaning"), FOR_EITHER.items())
async def test_over_the_older_transport_it_is_the_same(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str, meaning: type[ProviderError]
) -> None:
    provider = adapter(transport="async", timeout=PATIENCE if fault in ("silence", "drip") else 5)
    yandex.next(fault)

    with pytest.raises(ProviderError) as caught:
        await provider.submit(CAT)

    assert type(caught.value) is meaning
    assert len(yandex.asked) == 1
    _is_fit_for_people(str(caught.value))
    assert isinstance(await provider.submit(CAT), Pending)


@pytest.mark.parametrize("fault", ["reset_after", "type_wrong"])
async def test_what_does_no_harm_is_let_pass(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str
) -> None:
    yandex.next(fault)
    answer = await adapter().submit(CAT)
    assert isinstance(answer, Done)
    assert prompt_of(answer.image) == CAT.prompt


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ("rate", None),
        ("rate_seconds", 17),
        ("rate_date", 90),
        ("rate_past", 0),
        ("rate_nonsense", None),
        ("rate_an_hour_ahead", 90),
        ("rate_an_hour_behind", 90),
        ("rate_absurd", None),
        ("rate_for_ever", inf),
    ],
)
async def test_when_to_come_back_is_read_from_the_answer(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str, seconds: float | None
) -> None:
    yandex.next(fault)
    with pytest.raises(RateLimitedError) as caught:
        await adapter().submit(CAT)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refused", "it is not possible to generate an image from this request"),
        ("old_model", "leave transport and model out of the settings"),
        ("no_rights", "ai.imageGeneration.user"),
        ("redirect", "check the address"),
        ("address", "not visited"),
        ("silence", "within 0.3 s"),
    ],
)
async def test_the_message_says_what_to_do(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str, words: str
) -> None:
    yandex.next(fault)
    with pytest.raises(ProviderError, match=words):
        await adapter(timeout=PATIENCE).submit(CAT)


async def test_the_retired_model_is_refused_by_the_real_rules(context: ProviderContext) -> None:
    async with YandexArtSimulator() as today:
        provider = YandexArt(YandexArt.schema(today.options | {"transport": "async"}), context)
        with pytest.raises(AccessRefusedError, match="retired"):
            await provider.submit(CAT)


async def test_a_wrong_key_is_refused_and_never_repeated_in_a_message(adapter: Adapter) -> None:
    key = "AQVN-of_somebody-else.0123456789"
    with pytest.raises(AccessRefusedError) as caught:
        await adapter(api_key=key).submit(CAT)
    assert key not in str(caught.value)
    assert "credentials" in str(caught.value)


def test_a_picture_is_taken_whatever_else_is_in_its_answer() -> None:
    data: Json = {"b64_json": b64encode(PICTURE).decode(), "url": "http://127.0.0.1/"}
    assert _generated_picture(_answered({"data": [data, {}]})) == PICTURE


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"data": None},
        {"data": {}},
        {"data": [None]},
        {"data": ["x"]},
        {"data": [{"url": "http://x"}]},
    ],
)
def test_an_answer_without_a_picture_is_said_to_be_one(body: Json) -> None:
    address = isinstance(body, dict) and body.get("data") == [{"url": "http://x"}]
    without = "with an address instead of a picture; it is not visited" if address else "without a picture"
    with pytest.raises(BadAnswerError) as caught:
        _generated_picture(_answered(body))
    assert str(caught.value) == f"YandexART answered {without}"


def test_no_picture_at_all_is_a_refusal() -> None:
    with pytest.raises(ContentRefusedError) as caught:
        _generated_picture(_answered({"data": []}))
    assert str(caught.value) == "YandexART made no picture of this prompt, and does not say why"


# An operation


@pytest.mark.parametrize("body", [{"id": "a1"}, {"done": False}, {"id": "a1", "done": "yes"}])
def test_an_operation_that_is_not_done_has_no_picture(body: Json) -> None:
    assert _operation_picture(_answered(body)) is None


@pytest.mark.parametrize("body", [[], {}, {"ID": "a1", "response": {}}])
def test_an_answer_that_is_no_operation_leaves_it_open(body: Json) -> None:
    with pytest.raises(FateUnknownError, match=r"^YandexART did not say how its operation stands$"):
        _operation_picture(_answered(body))


@pytest.mark.parametrize("body", [[], {}, {"id": 5}, {"id": "../x"}, {"error": None}])
def test_an_operation_without_a_number_can_not_be_asked_for(body: Json) -> None:
    with pytest.raises(BadAnswerError) as caught:
        _ticket(_answered(body))
    assert str(caught.value) == "YandexART took the request and did not say under which number"


async def test_an_operation_is_started_and_fetched(yandex: YandexArtSimulator, adapter: Adapter) -> None:
    provider = adapter(transport="async")

    answer = await provider.submit(PictureRequest(prompt="кит", negative="волны", seed=5))

    assert isinstance(answer, Pending)
    asked = yandex.asked[0]
    assert asked.path == "/foundationModels/v1/imageGenerationAsync"
    assert asked.model == f"art://{FOLDER_ID}/yandex-art/latest"
    assert (asked.width, asked.height, asked.seed) == (2, 3, "5")
    picture = await provider.fetch(answer.ticket)
    assert picture is not None
    assert prompt_of(picture) == "кит. Игнорировать следующее: волны"


async def test_an_operation_is_asked_for_as_the_api_describes_it(
    adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    async def post(_: HttpClient, url: str, body: Json) -> Answer:
        sent.append((url.partition(":")[0], body))
        return _answered({"id": "a1"})

    monkeypatch.setattr(HttpClient, "post", post)
    await adapter(transport="async").submit(PictureRequest(prompt="кит", seed=5))
    options = {"seed": "5", "aspectRatio": {"widthRatio": "2", "heightRatio": "3"}}
    assert sent == [
        (
            "http",
            {
                "modelUri": f"art://{FOLDER_ID}/yandex-art/latest",
                "generationOptions": options,
                "messages": [{"text": "кит", "weight": "1"}],
            },
        )
    ]


async def test_without_a_seed_each_request_has_another(yandex: YandexArtSimulator, adapter: Adapter) -> None:
    provider = adapter(transport="async")
    for _ in range(3):
        await provider.submit(CAT)
    seeds = {int(asked.seed or 0) for asked in yandex.asked}
    assert len(seeds) == 3
    assert all(0 < seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**40


async def test_a_ticket_is_understood_after_a_restart_and_by_either_transport(
    yandex: YandexArtSimulator, adapter: Adapter
) -> None:
    answer = await adapter(transport="async").submit(CAT)
    assert isinstance(answer, Pending)
    ticket = json.loads(json.dumps(answer.ticket))

    for transport in ("async", "images"):
        picture = await adapter(transport=transport).fetch(ticket)
        assert picture is not None
        assert prompt_of(picture) == CAT.prompt
    assert len(yandex.billed) == 1


async def test_an_operation_that_runs_has_no_picture_yet(
    yandex: YandexArtSimulator, adapter: Adapter
) -> None:
    yandex.operation_delay = 3600
    provider = adapter(transport="async")
    answer = await provider.submit(CAT)
    assert isinstance(answer, Pending)
    assert await provider.fetch(answer.ticket) is None


@pytest.mark.parametrize(
    ("fault", "meaning"),
    {
        "operation_refused": ContentRefusedError,
        "operation_refused_text": ContentRefusedError,
        "operation_denied": AccessRefusedError,
        "operation_invalid": BadAnswerError,
        "operation_rate": BadAnswerError,
        "operation_internal": BadAnswerError,
        "operation_text": BadAnswerError,
        "operation_number": BadAnswerError,
        "operation_empty": BadAnswerError,
        "operation_no_picture": BadAnswerError,
        "operation_cut": BadAnswerError,
        "operation_lost": BadAnswerError,
    }.items(),
)
async def test_an_operation_that_failed_is_final(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str, meaning: type[ProviderError]
) -> None:
    provider = adapter(transport="async")
    yandex.next(fault)
    answer = await provider.submit(CAT)
    assert isinstance(answer, Pending)

    with pytest.raises(ProviderError) as caught:
        await provider.fetch(answer.ticket)

    assert type(caught.value) is meaning
    assert not isinstance(caught.value, RateLimitedError | FateUnknownError), "it would be fetched for days"
    _is_fit_for_people(str(caught.value))


async def test_an_endless_operation_is_never_done(yandex: YandexArtSimulator, adapter: Adapter) -> None:
    provider = adapter(transport="async")
    yandex.next("operation_endless")
    answer = await provider.submit(CAT)
    assert isinstance(answer, Pending)
    for _ in range(3):
        assert await provider.fetch(answer.ticket) is None


@pytest.mark.parametrize(
    ("fault", "meaning"),
    {
        **dict.fromkeys(RATES, RateLimitedError),
        **dict.fromkeys(UNKNOWN_FATES, FateUnknownError),
        "bad_key": FateUnknownError,
        "no_balance": FateUnknownError,
        "no_rights": FateUnknownError,
        "redirect": FateUnknownError,
        "method_not_allowed": FateUnknownError,
        "html": FateUnknownError,
        "empty": FateUnknownError,
        "json_list": FateUnknownError,
        "wrong_folder": FateUnknownError,
        "unknown_model": FateUnknownError,
        "not_found_page": FateUnknownError,
        "bad_request": BadAnswerError,
        "refused": ContentRefusedError,
        "flood": BadAnswerError,
    }.items(),
)
async def test_a_question_that_fails_can_be_asked_again_unless_the_picture_is_gone(
    yandex: YandexArtSimulator, adapter: Adapter, fault: str, meaning: type[ProviderError]
) -> None:
    answer = await adapter(transport="async").submit(CAT)
    assert isinstance(answer, Pending)
    yandex.always(fault, place="poll")
    provider = adapter(transport="async", timeout=PATIENCE if fault in ("silence", "drip") else 5)

    with pytest.raises(ProviderError) as caught:
        await provider.fetch(answer.ticket)

    assert type(caught.value) is meaning
    _is_fit_for_people(str(caught.value))
    yandex.always(None, place="poll")
    assert await provider.fetch(answer.ticket), "the picture that was paid for is still to be had"
    assert len(yandex.billed) == 1


@pytest.mark.parametrize(
    "ticket",
    [None, 5, "x", {}, {"operation": None}, {"operation": "../v1"}, {"operation": ".."}, {"operation": ""}],
)
async def test_a_ticket_that_was_never_given_is_not_sent(
    yandex: YandexArtSimulator, adapter: Adapter, ticket: Any
) -> None:
    with pytest.raises(BadAnswerError, match=r"^YandexART never gave such a ticket$"):
        await adapter(transport="async").fetch(ticket)
    assert not yandex.asked


def test_only_operations_are_kept_by_the_provider(adapter: Adapter) -> None:
    one_call, operations = adapter().capabilities, adapter(transport="async").capabilities
    assert (one_call.results_kept, one_call.seed) == (False, False)
    assert operations == replace(one_call, results_kept=True, seed=True)
    assert one_call.costs_money
    assert one_call.negative


# Settings


def test_without_settings_it_is_the_current_transport() -> None:
    assert YandexArt.schema({}) == {"transport": "images", "timeout": 180}


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, "folder_id and api_key are missing"),
        ({"folder_id": "b1g"}, "api_key is missing"),
        ({"api_key": "k", "folder_id": " "}, "folder_id is missing"),
    ],
)
def test_what_is_missing_is_said_with_where_it_goes(options: dict[str, Any], missing: str) -> None:
    said = YandexArt.not_set_up(YandexArt.schema(options))
    assert said is not None
    assert said.startswith(missing)
    assert "ydart-options.json" in said
    assert "providers: ydArt:" in said


def test_with_both_it_is_set_up() -> None:
    assert YandexArt.not_set_up(YandexArt.schema({"folder_id": "b1g", "api_key": "k"})) is None


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("api_key", "AQVN x", "one word"),
        ("api_key", "AQVN\nx", "one word"),
        ("api_key", "ключ", "one word"),
        ("folder_id", 17, "must be text"),
        ("transport", "grpc", "images or async"),
        ("base_url", "ai.api.cloud.yandex.net", "must be an address"),
        ("base_url", "https://me:secret@host", "must be an address"),
        ("base_url", "file:///etc/passwd", "must be an address"),
        ("size", "0x10", "1024x1536"),
        ("size", "big", "1024x1536"),
        ("model", " ", "must not be empty"),
        ("timeout", 4, "from 5 to 600"),
        ("timeout", True, "from 5 to 600"),
        ("timeout", float("nan"), "from 5 to 600"),
        ("timeout", "60", "from 5 to 600"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_would_be_right(key: str, value: object, right: str) -> None:
    with pytest.raises(vol.MultipleInvalid, match=right) as caught:
        YandexArt.schema({key: value})
    assert caught.value.errors[0].path == [key]


def _answered(body: Json) -> Answer:
    return Answer(provider="YandexART", status=200, body=json.dumps(body).encode())


def _is_fit_for_people(message: str) -> None:
    assert len(message) <= 300
    assert message.startswith("YandexART ")
    for hidden in (API_KEY, FOLDER_ID, "AQVN", "b1ga", "fbvsim", "http://", "<html>", "127.0.0.1:1"):
        assert hidden not in message
