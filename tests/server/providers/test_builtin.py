import asyncio
from dataclasses import replace
from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageStat

from imageserver.imaging.imaging import prepare, read_size
from imageserver.models import PromptText, Size
from imageserver.providers.base import PictureRequest, ProviderContext
from imageserver.providers.builtin import Builtin, picture_size
from imageserver.providers.builtin.canvas import Canvas
from imageserver.providers.builtin.colour import lit, mix, ramp, rgb, tinted
from imageserver.providers.builtin.contour import contour, height_at, line
from imageserver.providers.builtin.drawing import draw
from imageserver.providers.builtin.painters import PAINTERS
from imageserver.providers.builtin.palette import PALETTES, Mood, Tint, in_tint
from imageserver.providers.builtin.scene import Scene
from imageserver.providers.builtin.theme import Theme, theme_of
from imageserver.providers.builtin.vocabulary import SCENES, TINTS, first_meaning
from imageserver.settings import FrameImage

SMALL = Size(80, 120)
SCREEN = Size(320, 480)


def builtin(context: ProviderContext, *, chance: int = 1, size: Size = SMALL) -> Builtin:
    return Builtin({}, replace(context, size=size, random=Random(chance)))


# The provider


async def test_it_draws_for_the_frame_without_anything_set_up(context: ProviderContext) -> None:
    assert Builtin.not_set_up({}) is None
    provider = builtin(context, size=SCREEN)
    assert provider.not_ready() is None
    done = await provider.submit(PictureRequest(prompt="test"))
    prepared = prepare(done.image, FrameImage())
    assert (prepared.original, prepared.size) == (done.image, Size(640, 960))


async def test_the_same_seed_gives_the_same_picture_and_another_one_another(context: ProviderContext) -> None:
    provider = builtin(context)
    pictures = [(await provider.submit(PictureRequest(prompt="sea", seed=seed))).image for seed in (1, 1, 2)]
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]


async def test_without_a_seed_chance_decides(context: ProviderContext) -> None:
    request = PictureRequest(prompt="sea")
    provider = builtin(context, chance=5)
    first, second = [(await provider.submit(request)).image for _ in range(2)]
    assert first != second
    assert (await builtin(context, chance=5).submit(request)).image == first


async def test_it_draws_beside_the_loop(context: ProviderContext) -> None:
    task = asyncio.create_task(builtin(context).submit(PictureRequest(prompt="sea")))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not task.done()
    assert (await task).image


async def test_no_prompt_is_a_prompt_too(context: ProviderContext) -> None:
    assert (await builtin(context).submit(PictureRequest())).image


def test_it_takes_prompts_of_any_length_and_costs_nothing() -> None:
    assert Builtin.fits(PromptText("sea " * 5000))
    assert not Builtin.capabilities.costs_money
    assert (Builtin.defaults.image_generate_threshold, Builtin.defaults.daily_limit) == (0, 0)


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (Size(320, 480), Size(640, 960)),
        (Size(480, 320), Size(960, 640)),
        (Size(240, 240), Size(480, 480)),
        (Size(1200, 1600), Size(725, 966)),
    ],
)
def test_pictures_have_the_screens_ratio_and_a_sensible_size(screen: Size, size: Size) -> None:
    assert picture_size(screen) == size


# What a prompt means


@pytest.mark.parametrize(
    ("prompt", "theme"),
    [
        ("Misty mountains", Theme(Scene.MOUNTAINS, Mood.MIST)),
        ("Горы в тумане", Theme(Scene.MOUNTAINS, Mood.MIST)),
        ("Город ночью", Theme(Scene.CITY, Mood.NIGHT)),
        ("a CITY at night, neon!", Theme(Scene.CITY, Mood.NIGHT)),
        ("зимний лес, снег", Theme(Scene.FOREST, Mood.WINTER)),
        ("winter forest", Theme(Scene.FOREST, Mood.WINTER)),
        ("красный закат над морем", Theme(Scene.SEA, Mood.SUNSET, Tint.RED)),
        ("a red sunset over the sea", Theme(Scene.SEA, Mood.SUNSET, Tint.RED)),
        ("Звёздное небо", Theme(Scene.STARS, Mood.NIGHT)),
        ("летние звёзды", Theme(Scene.STARS, Mood.NIGHT)),
        ("туманность Ориона", Theme(Scene.STARS, Mood.NIGHT)),
        ("purple flowers in the morning", Theme(Scene.FLOWERS, Mood.DAWN, Tint.PURPLE)),
        ("жёлтые цветы утром", Theme(Scene.FLOWERS, Mood.DAWN, Tint.YELLOW)),
        ("осенняя абстракция", Theme(Scene.SHAPES, Mood.AUTUMN)),
        ("golden desert in the evening", Theme(Scene.DUNES, Mood.SUNSET, Tint.YELLOW)),
        ("весенняя акварель", Theme(Scene.WATERCOLOUR, Mood.SPRING)),
        ("бумажные волны, день", Theme(Scene.WAVES, Mood.DAY)),
        ("чёрно-белый город, вечер", Theme(Scene.CITY, Mood.SUNSET, Tint.GRAY)),
        ("the forest before the sea, at dawn rather than at night", Theme(Scene.FOREST, Mood.DAWN)),
    ],
)
def test_words_name_scene_mood_and_tint(prompt: str, theme: Theme) -> None:
    assert theme_of(prompt) == theme


@pytest.mark.parametrize("word", ["лестница", "season", "scared", "сердце", "цветной", "домино", "starve"])
def test_parts_of_other_words_name_nothing(word: str) -> None:
    assert (first_meaning([word], SCENES), first_meaning([word], TINTS)) == (None, None)


def test_what_is_not_named_follows_from_the_prompt_and_differs_between_prompts() -> None:
    prompts = [f"кот номер {number} и его шляпа" for number in "abcdefghijklmnopqrstuvwxyz"]
    themes = [theme_of(prompt) for prompt in prompts]
    assert themes == [theme_of(prompt.upper()) for prompt in prompts]
    assert len({theme.scene for theme in themes}) >= 6


@pytest.mark.parametrize("prompt", ["", "   ", "!!!", "😀", "123", "x" * 2000, "a\0b\nc"])
def test_any_text_is_drawn(prompt: str) -> None:
    assert read_size(draw(prompt, seed=1, size=SMALL)) == SMALL


# The pictures


@pytest.mark.parametrize("mood", Mood)
@pytest.mark.parametrize("scene", Scene)
def test_every_scene_is_painted_in_every_mood(scene: Scene, mood: Mood) -> None:
    for number, palette in enumerate(PALETTES[mood]):
        random = Random(f"{scene}{mood}{number}")
        canvas = Canvas(120, 180, random)
        PAINTERS[scene](canvas, palette, random)
        assert (canvas.image.mode, canvas.image.size) == ("RGB", (120, 180))
        spread = ImageStat.Stat(canvas.image.convert("L")).stddev[0]
        assert spread > 8


@pytest.mark.parametrize("size", [Size(16, 16), Size(90, 60), Size(200, 40), Size(40, 200)], ids=str)
@pytest.mark.parametrize("scene", Scene)
def test_every_scene_fits_every_shape(scene: Scene, size: Size) -> None:
    random = Random(3)
    canvas = Canvas(size.width, size.height, random)
    PAINTERS[scene](canvas, PALETTES[Mood.DAWN][0], random)
    assert canvas.image.size == (size.width, size.height)


@pytest.mark.parametrize("scene", Scene)
def test_a_picture_is_no_larger_than_a_frame_can_be_sent(scene: Scene) -> None:
    random = Random(4)
    canvas = Canvas(640, 960, random)
    PAINTERS[scene](canvas, PALETTES[Mood.AUTUMN][0], random)
    output = BytesIO()
    canvas.image.save(output, "PNG")
    assert len(prepare(output.getvalue(), FrameImage()).scaled) < 120_000


def test_night_is_darker_than_day() -> None:
    night, day = (
        ImageStat.Stat(Image.open(BytesIO(draw(f"{hour} sea", seed=1, size=SMALL))).convert("L")).mean[0]
        for hour in ("night", "day")
    )
    assert night * 1.5 < day


def test_a_tint_is_seen() -> None:
    for prompt, strongest in (("red sea", 0), ("green sea", 1), ("blue sea", 2)):
        means = ImageStat.Stat(Image.open(BytesIO(draw(prompt, seed=1, size=SMALL)))).mean
        assert means[strongest] == max(means)


# Colours and lines


def test_colours_are_read_and_mixed() -> None:
    assert rgb("#ff8000") == (255, 128, 0)
    red, blue = (255, 0, 0), (0, 0, 255)
    assert (mix(red, blue, 0), mix(red, blue, 1)) == (red, blue)
    assert ramp((red, blue), 3) == [red, mix(red, blue, 0.5), blue]
    assert mix((0, 0, 0), (255, 255, 255), 0.5) == (99, 99, 99)  # the middle that the eye sees
    assert lit((100, 100, 100), 0.1) > (100, 100, 100) > lit((100, 100, 100), -0.1)


def test_a_tint_keeps_light_and_dark() -> None:
    dark, light = tinted((20, 30, 40), 27, 0.8), tinted((220, 225, 230), 27, 0.8)
    assert sum(dark) < 120
    assert sum(light) > 600
    assert dark[0] == max(dark)


@pytest.mark.parametrize("tint", Tint)
def test_every_tint_changes_every_palette(tint: Tint) -> None:
    for palettes in PALETTES.values():
        for palette in palettes:
            assert in_tint(palette, tint) != palette


def test_a_contour_has_as_many_points_as_asked_for_and_stays_near_its_level() -> None:
    heights = contour(Random(1), 200, swings=2)
    assert len(heights) == 200
    assert max(map(abs, heights)) < 2
    assert heights == contour(Random(1), 200, swings=2)


def test_heights_beyond_the_ends_of_a_line_are_those_of_its_ends() -> None:
    placed = line([0.0, 1.0, 0.5], 100, 10)
    assert [height_at(placed, x) for x in (-50, 0, 3, 6, 900)] == [100, 100, 90, 95, 95]
