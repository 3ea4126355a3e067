"""YandexART: pictures from Yandex AI Studio, over either of its two APIs.

`images` is the current one, shaped like OpenAI's: one call, the picture in its answer
(https://aistudio.yandex.ru/docs/ru/ai-studio/api-ref/Images/createImage). `async` is the older one: a call
that starts an operation, which is asked for until it is done
(https://yandex.cloud/en/docs/foundation-models/image-generation/api-ref/ImageGenerationAsync/generate).
Each request costs money, a repeated one too.
"""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from ..exceptions import BadAnswerError, ContentRefusedError, FateUnknownError, PromptTooLongError
from ..models import PromptText, Size
from . import fields, yandex_errors
from .base import Capabilities, Done, ImageProvider, Pending
from .encoded_picture import decode_picture
from .http_client import HttpClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import Json
    from .base import PictureRequest, ProviderContext
    from .http_client import Answer

TITLE = "YandexART"
MAX_PROMPT_LENGTH = 500
NEGATIVE = ". Игнорировать следующее: "
"""What stands between a prompt and what shall not be in the picture: the API has no field that works."""

PIXELS = 1536 * 1024
STEP = 64
TIMEOUT = 180.0


class Transport(StrEnum):
    """Which of the two APIs is called."""

    IMAGES = "images"
    ASYNC = "async"


BASE_URLS = {
    Transport.IMAGES: "https://ai.api.cloud.yandex.net",
    Transport.ASYNC: "https://llm.api.cloud.yandex.net",
}
MODELS = {
    Transport.IMAGES: "art://{folder_id}/aliceai-image-art-3.0",
    Transport.ASYNC: "art://{folder_id}/yandex-art/latest",
}

_OPERATION_ID = re.compile(r"\w[\w.-]{0,99}", re.ASCII)


class YandexArt(ImageProvider):
    """The adapter."""

    code = "ydArt"
    title = TITLE
    capabilities = Capabilities(negative=True, max_prompt_length=MAX_PROMPT_LENGTH)
    schema = vol.Schema(
        {
            vol.Optional("folder_id"): fields.one_word,
            vol.Optional("api_key"): fields.one_word,
            vol.Optional("transport", default=Transport.IMAGES.value): vol.In(
                [transport.value for transport in Transport], msg="must be images or async"
            ),
            vol.Optional("base_url"): fields.address,
            vol.Optional("model"): vol.All(fields.text, vol.Length(min=1, msg="must not be empty")),
            vol.Optional("size"): fields.size,
            vol.Optional("timeout", default=TIMEOUT): fields.seconds(5, 600),
        }
    )
    settings_file = "ydart-options.json"
    secrets = frozenset({"api_key"})

    def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
        """Take the settings; those of `schema`, all optional until `not_set_up` says otherwise."""
        transport = Transport(options.get("transport", Transport.IMAGES))
        folder = options.get("folder_id", "")
        key = options.get("api_key", "")
        base_url = options.get("base_url")
        self._transport = transport
        self._base_url = base_url or BASE_URLS[transport]
        self._operations_url = f"{base_url or BASE_URLS[Transport.ASYNC]}/operations"
        self._model = options.get("model", MODELS[transport]).replace("{folder_id}", folder)
        self._screen = context.size
        self._size = _parse_size(options["size"]) if "size" in options else None
        self._random = context.random
        self._http = HttpClient(
            context,
            provider=TITLE,
            timeout=options.get("timeout", TIMEOUT),
            secrets=(key,),
            headers={"Authorization": f"Api-Key {key}", "OpenAI-Project": folder},
        )
        if transport is Transport.ASYNC:
            self.capabilities = replace(type(self).capabilities, seed=True, results_kept=True)

    @classmethod
    def not_set_up(cls, options: Mapping[str, Any]) -> str | None:
        """Say which credential is missing, and where it goes."""
        missing = [key for key in ("folder_id", "api_key") if not options.get(key)]
        if not missing:
            return None
        are = "is" if len(missing) == 1 else "are"
        return (
            f"{' and '.join(missing)} {are} missing. As an app: Configuration tab, Providers, {TITLE}; "
            f"elsewhere: {cls.settings_file}, or options.yml below providers: {cls.code}:"
        )

    @classmethod
    def prompt_length(cls, text: PromptText) -> int:
        """Return the characters of the one text that is sent, what shall not be there included."""
        return len(as_sent(text))

    async def submit(self, request: PictureRequest) -> Done | Pending:
        """Ask for a picture; see the base class.

        Raises:
            ProviderError: One of its subclasses.
        """
        text = as_sent(PromptText(request.prompt or "", request.negative))
        if not text.strip():
            raise ContentRefusedError(f"{TITLE} needs a prompt")
        if len(text) > MAX_PROMPT_LENGTH:
            raise PromptTooLongError(
                f"{TITLE} takes {MAX_PROMPT_LENGTH} characters, the negative part included; "
                f"these are {len(text)}"
            )
        if self._transport is Transport.ASYNC:
            return await self._start(text, request.seed)
        return Done(await self._generate(text))

    async def fetch(self, ticket: Json) -> bytes | None:
        """Ask for an operation of the `async` transport; see the base class.

        Raises:
            ProviderError: One of its subclasses.
        """
        operation = ticket.get("operation") if isinstance(ticket, dict) else None
        if not isinstance(operation, str) or not _OPERATION_ID.fullmatch(operation):
            raise BadAnswerError(f"{TITLE} never gave such a ticket")
        answer = await self._http.get(f"{self._operations_url}/{operation}")
        if not answer.ok:
            raise yandex_errors.of_poll(answer)
        return await asyncio.to_thread(_operation_picture, answer)

    async def _generate(self, text: str) -> bytes:
        size = self._size or size_for(self._screen)
        body: dict[str, Json] = {"model": self._model, "prompt": text, "size": f"{size.width}x{size.height}"}
        answer = await self._http.post(f"{self._base_url}/v1/images/generations", body)
        if not answer.ok:
            raise yandex_errors.of_request(answer)
        return await asyncio.to_thread(_generated_picture, answer)

    async def _start(self, text: str, seed: int | None) -> Done | Pending:
        ratio = self._size or self._screen
        divisor = math.gcd(ratio.width, ratio.height)
        body: dict[str, Json] = {
            "modelUri": self._model,
            # int64, which JSON of protobuf writes as text
            "generationOptions": {
                "seed": str(self._random.randrange(1, 2**63) if seed is None else seed),
                "aspectRatio": {
                    "widthRatio": str(ratio.width // divisor),
                    "heightRatio": str(ratio.height // divisor),
                },
            },
            "messages": [{"text": text, "weight": "1"}],
        }
        answer = await self._http.post(f"{self._base_url}/foundationModels/v1/imageGenerationAsync", body)
        if not answer.ok:
            raise yandex_errors.of_request(answer)
        return _ticket(answer)


def as_sent(text: PromptText) -> str:
    """Return the one text that the API takes."""
    negative = (text.negative or "").strip()
    return f"{text.prompt}{NEGATIVE}{negative}" if negative else text.prompt


def size_for(screen: Size) -> Size:
    """Return multiples of 64 pixels nearest to the screen's ratio, then to 1.5 megapixels.

    The API looks at the ratio alone, so the ratio goes first: 1024x1536 for 320x480.
    """
    wanted = screen.width / screen.height
    width = math.sqrt(PIXELS * wanted)
    first, last = math.ceil(width * 0.9 / STEP), math.floor(width * 1.1 / STEP)
    sizes = [
        Size(steps * STEP, max(1, round(steps / wanted)) * STEP)
        for steps in range(first, max(first, last) + 1)
    ]
    return min(
        sizes,
        key=lambda size: (
            round(abs(size.width / size.height / wanted - 1), 3),
            abs(size.width * size.height - PIXELS),
        ),
    )


def _parse_size(text: str) -> Size:
    width, height = text.split("x")
    return Size(int(width), int(height))


def _generated_picture(answer: Answer) -> bytes:
    parsed = answer.json()
    if not isinstance(parsed, dict):
        raise BadAnswerError(f"{TITLE} answered without a picture")
    if parsed.get("error"):
        raise yandex_errors.of_request(answer)
    data = parsed.get("data")
    if data == []:
        raise ContentRefusedError(f"{TITLE} made no picture of this prompt, and does not say why")
    first = data[0] if isinstance(data, list) else None
    if not isinstance(first, dict):
        raise BadAnswerError(f"{TITLE} answered without a picture")
    if not first.get("b64_json") and first.get("url"):
        # An address in an answer could point at anything in the house.
        raise BadAnswerError(f"{TITLE} answered with an address instead of a picture; it is not visited")
    return decode_picture(first.get("b64_json"), provider=TITLE)


def _ticket(answer: Answer) -> Done | Pending:
    parsed = answer.json()
    operation = parsed.get("id") if isinstance(parsed, dict) else None
    if isinstance(operation, str) and _OPERATION_ID.fullmatch(operation):
        return Pending({"operation": operation})
    if isinstance(parsed, dict) and parsed.get("error"):
        raise yandex_errors.of_request(answer)
    raise BadAnswerError(f"{TITLE} took the request and did not say under which number")


def _operation_picture(answer: Answer) -> bytes | None:
    try:
        parsed = answer.json()
    except BadAnswerError as error:  # not the API that speaks here: a gateway, a captive portal
        raise FateUnknownError(str(error)) from error
    if not isinstance(parsed, dict) or not parsed.keys() & {"id", "done"}:
        raise FateUnknownError(f"{TITLE} did not say how its operation stands")
    if parsed.get("error"):
        raise yandex_errors.of_operation(answer, parsed["error"])
    if parsed.get("done") is not True:
        return None
    response = parsed.get("response")
    return decode_picture(response.get("image") if isinstance(response, dict) else None, provider=TITLE)
