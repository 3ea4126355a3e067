"""Whatever a person drops, pushes or has in a folder: a frame gets what it can draw, or something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver.models import ContentKind, OperationKind
from imageserver.providers.local_folder import LocalFolder
from tests import pictures
from tests.api_client import open_api
from tests.houses import open_house
from tests.simulators.frame_panel import SCREEN, TAIL, decode

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock

GOOD = {
    "cmyk": pictures.cmyk_jpeg(640, 960),
    "gray": pictures.gray_jpeg(320, 480),
    "coded as RGB": pictures.rgb_jpeg(320, 480),
    "turned": pictures.rotated_jpeg(6, 480, 320),
    "turned webp": pictures.rotated_webp(8, 480, 320),
    "16 bit": pictures.deep_png(320, 480),
    "half transparent": pictures.half_transparent_png(320, 480),
    "animated png": pictures.animated_png(320, 480),
    "animated webp": pictures.animated_webp(320, 480),
    "without its end": pictures.without_end_marker(pictures.jpeg(320, 480)),
    "in many scans": pictures.separate_scans_jpeg(320, 480),
    "one pixel high": pictures.png(4000, 1),
}
BAD = {
    "cut": pictures.cut(pictures.jpeg(320, 480)),
    "cut and ended": pictures.cut_but_ended(pictures.jpeg(320, 480)),
    "cut png": pictures.cut(pictures.png(320, 480)),
    "png bomb": pictures.png_bomb(),
    "jpeg bomb": pictures.jpeg_bomb(),
    "webp bomb": pictures.webp_bomb(),
    "empty": b"",
    "text": b"not a picture at all",
    **pictures.foreign(),
}
CASES = [
    *((name, data, True) for name, data in GOOD.items()),
    *((name, data, False) for name, data in BAD.items()),
]
KINDS = pytest.mark.parametrize(
    ("data", "good"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)


async def seen(house: House, kind: OperationKind, *, after: float = 0) -> ContentKind:
    """Ask as a frame does, and decode as strictly; returns what kind of picture it was."""
    operation = await house.ask(kind)
    await house.clock.advance(after)
    operation = await house.ended(operation)
    result = await house.server.operations.result(operation.id)
    assert result.image is not None
    assert result.operation.content is not None
    decode(result.image + bytes(TAIL), SCREEN)  # the wire adds them
    return result.operation.content.kind


@KINDS
@pytest.mark.parametrize("folder", ["scalable", "original"])
async def test_a_file_dropped_into_the_store_is_shown_or_named(
    *,
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    folder: str,
    data: bytes,
    good: bool,
) -> None:
    path = tmp_path / "images" / folder
    path.mkdir(parents=True)
    (path / "dropped.jpeg").write_bytes(data)
    async with open_house(tmp_path, [], clock=clock) as house:
        await house.server.store.scan()
        kinds = {await seen(house, OperationKind.OLD) for _ in range(2)}
        assert kinds == {ContentKind.PICTURE if good else ContentKind.CARD}
        assert caplog.text.count("dropped.jpeg") == (0 if good else 1), caplog.text
        assert (path / "dropped.jpeg").read_bytes() == data, "what a person dropped is left alone"
    assert "Traceback" not in caplog.text


@KINDS
async def test_a_file_in_the_users_folder_is_shown_or_passed_over(
    *, tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, data: bytes, good: bool
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "dropped.jpeg").write_bytes(data)
    options = f"image_generate_threshold: 0\nproviders: {{lim: {{local_image_folder: {folder}}}}}"
    async with open_house(tmp_path, [LocalFolder], clock=clock, options=options) as house:
        await house.until(lambda: house.server.availability.provider("lim").not_ready() is None)
        kind = await seen(house, OperationKind.AUTO, after=0 if good else 60)
        assert kind is (ContentKind.PASSING if good else ContentKind.CARD)
    assert "Traceback" not in caplog.text


@KINDS
async def test_a_picture_pushed_by_the_api_is_shown_or_refused(
    *, tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, data: bytes, good: bool
) -> None:
    async with open_api(tmp_path, clock=clock) as api:
        answer = await api.ask("POST", "/images", data=data, headers={"Content-Type": "image/jpeg"})
        assert answer.status in ({201} if good else {400, 413, 415, 422}), answer
        assert await seen(api.house, OperationKind.OLD) is (ContentKind.PICTURE if good else ContentKind.CARD)
    assert "Traceback" not in caplog.text
