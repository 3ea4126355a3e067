from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

import pytest

from imageserver.exceptions import FateUnknownError
from imageserver.models import Size
from imageserver.providers import ADAPTERS, user_adapters
from imageserver.providers.base import Done, ImageProvider, PictureRequest, ProviderContext
from tests.simulators.my_stable_diffusion import StableDiffusionSimulator

ROOT = Path(__file__).parents[3]

GOOD = """
from imageserver.providers.base import Done, ImageProvider

class Mine(ImageProvider):
    code = "mine"
    title = "Mine"

    async def submit(self, request):
        return Done(b"a picture")
"""


def write(directory: Path, **files: str) -> Path:
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    return directory


def mistakes_of(directory: Path) -> list[str]:
    _, mistakes = user_adapters(directory)
    return [str(mistake) for mistake in mistakes]


# The page


def page_example() -> str:
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return str(example)


async def test_the_pages_example_draws_pictures(tmp_path: Path, context: ProviderContext) -> None:
    [adapter], mistakes = user_adapters(write(tmp_path / "providers", my_stable_diffusion=page_example()))
    assert not mistakes

    async with StableDiffusionSimulator() as simulator:
        provider = adapter(adapter.schema({"address": f"{simulator.url}/", "steps": 8}), context)
        answer = await provider.submit(PictureRequest(prompt="кот", negative="пёс", seed=3))
        simulator.status = 500
        with pytest.raises(FateUnknownError, match=r"My Stable Diffusion .*CUDA out of memory"):
            await provider.submit(PictureRequest(prompt="кот"))

    assert isinstance(answer, Done)
    assert answer.image.startswith(b"\x89PNG")
    first, second = simulator.asked
    assert (first["prompt"], first["negative_prompt"], first["seed"], first["steps"]) == ("кот", "пёс", 3, 8)
    assert (first["width"], first["height"]) == (640, 960)
    assert (second["negative_prompt"], second["seed"]) == ("", -1)
    assert context.size == Size(320, 480)


def test_the_pages_example_is_the_file_among_the_examples_and_short() -> None:
    file = ROOT / "examples" / "providers" / "my_stable_diffusion.py"
    assert page_example() == file.read_text(encoding="utf-8")
    assert len([line for line in page_example().splitlines() if line.strip()]) <= 45


# What is loaded


def test_a_good_file_is_an_adapter_with_its_settings_beside_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    [adapter], mistakes = user_adapters(write(tmp_path / "providers", mine=GOOD))
    assert not mistakes
    assert issubclass(adapter, ImageProvider)
    assert adapter.settings_file == "providers/mine.yml"
    assert "providers/mine.py provides Mine (mine)" in caplog.text


def test_another_settings_file_is_not_its_own_to_choose(tmp_path: Path) -> None:
    text = GOOD.replace('title = "Mine"', 'title = "Mine"\n    settings_file = "../../etc/passwd"')
    [adapter], _ = user_adapters(write(tmp_path / "providers", mine=text))
    assert adapter.settings_file == "providers/mine.yml"


def test_no_directory_is_no_mistake(tmp_path: Path) -> None:
    assert user_adapters(tmp_path / "providers") == ([], [])


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    directory = write(tmp_path / "providers", _shared="raise SystemExit")
    (directory / ".hidden.py").write_text("raise SystemExit", encoding="utf-8")
    (directory / "notes.txt").write_text("raise SystemExit", encoding="utf-8")
    (directory / "mine.yml").write_text("a: 1", encoding="utf-8")
    assert user_adapters(directory) == ([], [])


def test_nothing_is_left_in_the_users_directory(tmp_path: Path) -> None:
    directory = write(tmp_path / "providers", mine=GOOD, broken="raise ValueError")
    user_adapters(directory)
    assert sorted(path.name for path in directory.iterdir()) == ["broken.py", "mine.py"]


def test_a_file_is_read_as_it_is_now(tmp_path: Path) -> None:
    directory = write(tmp_path / "providers", mine=GOOD)
    os.utime(directory / "mine.py", ns=(0, 0))
    user_adapters(directory)
    write(directory, mine=GOOD.replace('"Mine"', '"Ours"'))
    os.utime(directory / "mine.py", ns=(0, 0))
    [adapter], _ = user_adapters(directory)
    assert adapter.title == "Ours"


def test_dataclasses_and_typing_work_in_it(tmp_path: Path) -> None:
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass(slots=True)\nclass Point:\n    x: int\n" + GOOD
    )
    [adapter], mistakes = user_adapters(write(tmp_path / "providers", mine=text))
    assert adapter.code == "mine"
    assert not mistakes


# What is not


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:", "SyntaxError in line 1"),
        ("\n\nraise ValueError('oh')", "ValueError in line 3: oh"),
        ("import a_library_that_nobody_has", "ModuleNotFoundError in line 1"),
        ("import sys\nsys.exit()", "SystemExit in line 2"),
        ("from imageserver.providers.base import Nothing", "ImportError in line 1"),
        ("x = '\0'", "SyntaxError"),
        ("", "exactly one class that extends ImageProvider; there is none"),
        ("from imageserver.providers.yandex_art import YandexArt", "there is none"),
        (GOOD + GOOD.replace("Mine", "Other"), "there is Mine, Other"),
        (GOOD.replace("submit", "ask"), "Mine must define submit"),
        (GOOD.replace('code = "mine"', "pass"), "Mine.code must be a word"),
        (GOOD.replace('"mine"', '"my sd"'), "Mine.code must be a word"),
        (GOOD.replace('"mine"', '"../mine"'), "Mine.code must be a word"),
        (GOOD.replace('"mine"', "7"), "Mine.code must be a word"),
        (GOOD.replace('title = "Mine"', "pass"), "Mine.title must be the name"),
        (GOOD.replace('title = "Mine"', 'title = " "'), "Mine.title must be the name"),
        (GOOD.replace('title = "Mine"', 'title = "Mine"\n    schema = {}'), "Mine.schema must be a Schema"),
        (
            GOOD.replace('title = "Mine"', 'title = "Mine"\n    secrets = "key"'),
            "Mine.secrets must be a frozenset",
        ),
        (GOOD.replace('"mine"', '"YDART"'), "its code YDART belongs to the server's own YandexART"),
    ],
)
def test_a_file_that_is_no_adapter_is_named_and_stops_nothing(tmp_path: Path, text: str, said: str) -> None:
    directory = write(tmp_path / "providers", a_bad_one=text, good=GOOD.replace('"mine"', '"other"'))
    adapters, mistakes = user_adapters(directory)
    assert [adapter.code for adapter in adapters] == ["other"]
    [mistake] = mistakes
    assert mistake.path == "providers/a_bad_one.py"
    assert said in mistake.message


def test_of_two_with_one_code_the_first_by_name_has_it(tmp_path: Path) -> None:
    directory = write(tmp_path / "providers", b=GOOD, a=GOOD.replace('"mine"', '"MINE"'))
    adapters, mistakes = user_adapters(directory)
    assert [adapter.code for adapter in adapters] == ["MINE"]
    assert [str(mistake) for mistake in mistakes] == [
        "providers/b.py: its code mine belongs to providers/a.py; choose another"
    ]


def test_a_directory_or_a_broken_link_of_that_name_is_named(tmp_path: Path) -> None:
    directory = write(tmp_path / "providers")
    (directory / "a.py").mkdir()
    (directory / "b.py").symlink_to("missing")
    first, second = mistakes_of(directory)
    assert first.startswith("providers/a.py: can't be loaded: IsADirectoryError")
    assert second.startswith("providers/b.py: can't be loaded: FileNotFoundError")


def test_a_file_instead_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "providers").write_bytes(b"")
    assert mistakes_of(tmp_path / "providers") == ["providers: can't be read: Not a directory"]


def test_what_failed_is_not_kept_among_the_modules(tmp_path: Path) -> None:
    before = set(sys.modules)
    user_adapters(write(tmp_path / "providers", broken_once="raise ValueError"))
    assert set(sys.modules) == before


def test_the_servers_own_are_listed_in_one_place() -> None:
    assert {adapter.code for adapter in ADAPTERS} >= {"ydArt", "lim"}
