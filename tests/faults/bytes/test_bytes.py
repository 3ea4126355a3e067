"""What the fuzzer began with, and what it has found: without the fuzzer, and each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import UnreadableFileError
from imageserver.files import yaml_text
from imageserver.imaging.jpeg_structure import obstacle, read_structure
from tests import pictures
from tests.faults.bytes.seeds import options_seeds, picture_seeds, prompts_seeds
from tests.faults.bytes.targets import JSON_MARK, SCREEN, TARGETS

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = [
    *(("pictures", seed) for seed in picture_seeds()),
    *(("options", seed) for seed in options_seeds()),
    *(("prompts", seed) for seed in prompts_seeds()),
]

FOUND = [
    ("pictures", pictures.jpeg(SCREEN.width, SCREEN.height) + b"another file" + bytes(600)),
    (
        "options",
        b"sleep_time:\n- {time_range: {start_time: 24:30, end_time: 1:00}}\n- {time_range: {}, x: 1}\n",
    ),
    ("options", b"sleep_time:\n- {time_range: {start_time: 1:00, end_time: 1:00}, x: 1}\n"),
    ("options", b'log_level: "\\U00110000"\n'),
    ("options", b'image_path: "/images\\0"\n'),
    ("options", b"%YAML 1." + b"9" * 5000 + b"\n---\na: 1\n"),
    ("options", b"iframe_image_parameters: ''\nimage_weight: 480\n"),
    ("options", JSON_MARK + b'{"model": "\\ud800"}'),
    ("options", JSON_MARK + b'{"model": "\\u0000"}'),
    ("prompts", b'prompts:\n- "\\UFFFFFFFF"\n'),
    ("prompts", b'prompts:\n- prompt: "\\ud83d"\n'),
    ("prompts", b'{"prompts": [{"prompt": "\\ud83d\\ude00"}]}'),
    ("prompts", b'{"prompts": [], "mine": "\\u0085"}'),
]
"""Inputs that the product once did wrong with, as small as they show it."""


@pytest.mark.parametrize(("target", "data"), [*SEEDS, *FOUND])
def test_these_bytes_do_no_harm(tmp_path: Path, target: str, data: bytes) -> None:
    TARGETS[target](data, tmp_path)


def test_a_target_notices_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(data: bytes | str) -> object:
        raise ValueError(data)

    monkeypatch.setattr(yaml_text, "load", careless)
    for target in ("options", "prompts"):
        with pytest.raises(ValueError, match="prompts"):
            TARGETS[target](b"prompts: []", tmp_path)
    monkeypatch.setattr("imageserver.imaging.imaging.obstacle", lambda _: None)
    progressive = pictures.jpeg(SCREEN.width, SCREEN.height, progressive=True)
    assert obstacle(read_structure(progressive)) is not None
    with pytest.raises(AssertionError):
        TARGETS["pictures"](progressive, tmp_path)


def test_refusals_are_no_findings(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        yaml_text.load(b"a: [")
    for target in TARGETS:
        TARGETS[target](b"\xff\xd8 a: [", tmp_path)
