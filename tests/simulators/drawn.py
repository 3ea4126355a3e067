"""Pictures that tell which prompt they are of: by their stripes to the eye, by their comment to a program."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

STRIPES = 8


def draw(prompt: str, width: int, height: int, *, picture_format: str = "JPEG") -> bytes:
    """A picture whose colours and comment come from the prompt; a PNG has no comment."""
    image = Image.new("RGB", (width, height))
    pencil = ImageDraw.Draw(image)
    for number, colour in enumerate(colours(prompt)):
        pencil.rectangle(
            (0, height * number // STRIPES, width, height * (number + 1) // STRIPES), fill=colour
        )
    pencil.text((width // 16, height // 16), prompt.encode("ascii", "replace").decode(), fill="white")
    output = BytesIO()
    image.save(output, picture_format, **({"comment": prompt.encode()} if picture_format == "JPEG" else {}))
    return output.getvalue()


def colours(prompt: str) -> list[tuple[int, int, int]]:
    """The stripes of a prompt's picture, from the top."""
    digest = sha256(prompt.encode()).digest()
    return [(digest[3 * n], digest[3 * n + 1], digest[3 * n + 2]) for n in range(STRIPES)]


def prompt_of(picture: bytes) -> str:
    """The prompt that a JPEG was drawn for."""
    with Image.open(BytesIO(picture), formats=("JPEG",)) as image:
        comment = image.info["comment"]
    return bytes(comment).decode()
