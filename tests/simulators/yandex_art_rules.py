"""What the real YandexART is strict about, and in which words it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulators.yandex_art_faults import DENIED, TOO_LONG

if TYPE_CHECKING:
    from aiohttp import web

FOLDER_ID = "b1gsimulated000000000"
API_KEY = "AQVNsimulated-key-of-nobody_0123456789ab"
MAX_PROMPT = 500

_MODEL = re.compile(r"art://([^/]+)/([\w.-]+)(/latest)?")
_SIZE = re.compile(r"([1-9]\d*)x([1-9]\d*)")


@dataclass(slots=True)
class Asked:
    """One request on the wire."""

    number: int
    method: str
    path: str
    prompt: str | None = None
    width: int = 1
    height: int = 1
    model: str | None = None
    seed: str | None = None
    fault: str | None = None
    status: int | None = None
    billed: bool = False


class RefusedError(Exception):
    """The request is not taken."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": message, "code": code, "message": message, "details": []}


async def json_of(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise RefusedError(415, 3, "unsupported media type")
    body = await request.json()
    if not isinstance(body, dict):
        raise RefusedError(400, 3, "invalid JSON")
    return body


def check_access(request: web.Request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme not in ("Api-Key", "Bearer") or key != API_KEY:
        raise RefusedError(401, 16, f"Unknown api key '{key}'")


def check_images(asked: Asked, request: web.Request, body: dict[str, Any]) -> None:
    if request.headers.get("OpenAI-Project") != FOLDER_ID:
        raise RefusedError(400, 3, "Specified folder ID does not match with service account folder ID")
    asked.prompt, asked.model = body.get("prompt"), body.get("model")
    size = _SIZE.fullmatch(str(body.get("size", "1024x1024")))
    if size is None:
        raise RefusedError(400, 3, "size must be two positive integer values separated by x")
    asked.width, asked.height = int(size[1]), int(size[2])


def check_async(asked: Asked, _: web.Request, body: dict[str, Any]) -> None:
    options = body.get("generationOptions", {})
    ratio = options.get("aspectRatio", {"widthRatio": "1", "heightRatio": "1"})
    asked.model = body.get("modelUri")
    asked.prompt = " ".join(message["text"] for message in body["messages"])
    asked.seed = options.get("seed")
    if not 0 <= int(asked.seed or 0) < 2**63:
        raise RefusedError(400, 3, "seed is no int64")
    asked.width, asked.height = int(ratio["widthRatio"]), int(ratio["heightRatio"])


def check_model(asked: Asked, *, old_model_retired: bool) -> None:
    model = _MODEL.fullmatch(str(asked.model))
    if model is None:
        raise RefusedError(400, 3, "Failed to parse model URI")
    if model[1] != FOLDER_ID:
        raise RefusedError(403, 7, f"Access to model {asked.model} denied")
    over_images = asked.path.startswith("/v1/")
    if model[2] == "yandex-art" and (old_model_retired or over_images):
        raise RefusedError(403, 7, DENIED)
    if model[2] != ("aliceai-image-art-3.0" if over_images else "yandex-art"):
        raise RefusedError(404, 5, f"Model {asked.model} not found")


def check_prompt(asked: Asked) -> None:
    if not isinstance(asked.prompt, str) or not asked.prompt.strip():
        raise RefusedError(400, 3, "prompt is empty")
    if len(asked.prompt) > MAX_PROMPT:
        raise RefusedError(400, 3, TOO_LONG.replace("702", str(len(asked.prompt))))
