"""Where the fuzzer begins: small files of every kind that is taken, and words that they are made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from imageserver.imaging.frame_encoding import encode
from imageserver.prompts.disk import EXAMPLE
from imageserver.settings import FrameImage
from tests import pictures
from tests.faults.bytes.targets import JSON_MARK, SCREEN

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
OLD_SERVER = ROOT / "tests" / "server" / "fixtures" / "old_server"
EXAMPLES = ROOT / "examples"

WIDTH, HEIGHT = SCREEN.width, SCREEN.height


def picture_seeds() -> Iterator[bytes]:
    """Pictures of every kind that Pillow writes, as small as they are still worth fitting."""
    yield pictures.jpeg(WIDTH, HEIGHT)
    for sampling in ("4:2:0", "4:2:2"):
        yield pictures.jpeg(WIDTH, HEIGHT, sampling=sampling, quality=40)
    yield pictures.jpeg(WIDTH, HEIGHT, progressive=True, quality=40)
    yield pictures.jpeg(50, 20, restart_rows=1, quality=40)
    yield pictures.jpeg(3, 200, quality=40)
    for orientation in (3, 6):
        yield pictures.rotated_jpeg(orientation, WIDTH, HEIGHT)
    yield pictures.gray_jpeg(WIDTH, HEIGHT)
    yield pictures.cmyk_jpeg(WIDTH, HEIGHT)
    yield pictures.rgb_jpeg(WIDTH, HEIGHT)
    yield pictures.separate_scans_jpeg(WIDTH, HEIGHT)
    yield pictures.with_wide_tables(pictures.jpeg(WIDTH, HEIGHT))
    yield pictures.with_fill_bytes(pictures.jpeg(WIDTH, HEIGHT))
    yield pictures.with_arithmetic_marker(pictures.jpeg(WIDTH, HEIGHT))
    yield pictures.without_end_marker(pictures.jpeg(WIDTH, HEIGHT))
    yield pictures.jpeg_of(pictures.photo(WIDTH, HEIGHT), icc=pictures.red_for_green_profile())
    yield encode(Image.new("RGB", (WIDTH, HEIGHT), "red"), FrameImage(size=SCREEN))
    for mode in ("RGB", "RGBA", "L", "LA", "P", "1"):
        yield pictures.png(16, 24, mode=mode)
    yield pictures.deep_png(16, 24)
    yield pictures.deep_png(16, 24, gray=True)
    yield pictures.animated_png(16, 24)
    yield pictures.rotated_png(8, 16, 24)
    yield pictures.webp(16, 24)
    yield pictures.webp(16, 24, lossless=True, alpha=True)
    yield pictures.webp(16, 24, alpha=True)
    yield pictures.animated_webp(16, 24)
    yield pictures.rotated_webp(5, 16, 24)


PICTURE_WORDS = (
    *(bytes((0xFF, marker)) for marker in (*range(0xC0, 0xDE), *range(0xE0, 0xF0), 0xFE, 1)),
    *(
        b"JFIF\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0MM\0*",
        b"Adobe\0",
        b"ICC_PROFILE\0\x01\x01",
        b"http://ns.adobe.com",
    ),
    *(b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP", b"eXIf", b"zTXt", b"acTL", b"fcTL", b"fdAT"),
    *(b"RIFF", b"WEBP", b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"EXIF", b"ICCP"),
)


def options_seeds() -> Iterator[bytes]:
    """The examples, what older servers wrote, and one of each kind of value."""
    for file in (EXAMPLES / "options.yml", OLD_SERVER / "options.yml", OLD_SERVER / "first-options.yml"):
        yield file.read_bytes()
    yield JSON_MARK + (EXAMPLES / "ydart-options.json").read_bytes()
    yield JSON_MARK + b'{"folder_id": "b1g", "api_key": "AQVN", "transport": "async", "daily_limit": 5}'
    yield b"log_level: debug\nimage_path: /a\nimage_amount_min: 1\nimage_amount_max: 2\n"
    yield b"original_image_amount_min: 1\noriginal_image_amount_max: 2\nimage_generate_threshold: 0.5\n"
    yield b"check_pending_cron: '*/5 * * * *'\nscan_image_cron: 0 4 1,15 * mon-fri\nprompts_amount: 3\n"
    yield b"iframe_image_parameters: {image_weight: 480, image_height: 320, fit_mode: blur, quality: 50}\n"
    yield b"sleep_time:\n- time_range: {start_time: 23:00, end_time: 07:30:10}\n  black_image_mode: on\n"
    yield b"frame_networks: [10.0.0.0/8, fe80::1]\nserver_addresses: [a.b]\nframe_prompts_per_day: 0\n"
    yield b"disabled_providers: [lim]\nproviders: &p {ydArt: {model: a, size: 8x8}, LIM: {<<: *q}}\n"
    yield b"providers:\n  builtin: {daily_limit: 1, enabled: no}\n  lim: {local_image_folder: a}"


YAML_WORDS = (
    *(
        b"<<: ",
        b"&a ",
        b"*a",
        b"? ",
        b"- ",
        b": ",
        b"|-\n",
        b">+2\n",
        b"...",
        b"---",
        b"%YAML 1.1\n",
        b"%TAG ! ",
    ),
    *(
        b"!!str ",
        b"!!null ",
        b"!!map ",
        b"!!binary ",
        b'"\\',
        b"\\u",
        b"\\U0010ffff",
        b"\\x00",
        b"~",
        b"null",
    ),
    *(b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\r\n", b"\t", b" #", b"[[", b"]]", b"{", b"}", b"''"),
)
OPTION_WORDS = (
    *YAML_WORDS,
    *(b"log_level", b"image_path", b"image_amount_min", b"image_amount_max", b"original_image_amount_min"),
    *(b"image_generate_threshold", b"check_pending_cron", b"scan_image_cron", b"iframe_image_parameters"),
    *(b"image_weight", b"image_width", b"image_height", b"fit_threshold", b"fit_mode", b"panel", b"quality"),
    *(b"prompts_amount", b"sleep_time", b"time_range", b"start_time", b"end_time", b"black_image_mode"),
    *(b"disabled_providers", b"frame_networks", b"frame_prompts_per_day", b"server_addresses", b"providers"),
    *(b"ydArt", b"lim", b"builtin", b"daily_limit", b"enabled", b"api_key", b"folder_id", b"transport"),
    *(
        b"23:00",
        b"24:00",
        b"* * * * *",
        b"0 0 31 2 *",
        b"@daily",
        b"L",
        b"1e9",
        b"-1",
        b"0x10",
        b"true",
        b"off",
    ),
)


def prompts_seeds() -> Iterator[bytes]:
    """The examples, what older servers wrote, and files that a person may have edited."""
    for file in (EXAMPLES / "prompts.yaml", OLD_SERVER / "prompts.yaml"):
        yield file.read_bytes()
    yield EXAMPLE.encode()
    yield b"prompts:\n    - idx: 1\n      prompt: test\n\n"
    yield b'prompts:  # a\n    # b\n    - idx: 1\n      prompt: "a"   # c\n\n    - prompt: >\n        a\n'
    yield b"x: &x {idx: 1, prompt: a}\nprompts:\n- *x\n- <<: *x\n  idx: 7\n  enabled: off\n"
    yield b"prompts:\r\n- a\r\n- {prompt: '[[b]]', placeholders: {b: 1}}\r\nglobal_placeholders: {c: d}\r\n"
    yield b"---\nprompts:\n- idx: 1\n  prompt: |\n    a\n\n    # b\n  note: [x]\n...\n"
    yield b'{"prompts": [{"idx": 1, "prompt": "a", "negative": "b"}], "mine": {"a": null}}'


PROMPT_WORDS = (
    *YAML_WORDS,
    *(b"prompts:", b"idx: ", b"prompt: ", b"negative: ", b"placeholders: ", b"global_placeholders:"),
    *(b"enabled: ", b"- idx: 1\n", b"\n    ", b"\n  - ", b"false", b"[[color]]"),
)


def dictionary(words: tuple[bytes, ...]) -> str:
    """Return words in libFuzzer's notation."""
    return "".join('"{}"\n'.format("".join(f"\\x{byte:02x}" for byte in word)) for word in words)
