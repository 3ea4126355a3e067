"""The words that this provider understands, in English and Russian.

A word with a star stands for everything that begins with it; `ё` is written `е`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .palette import Mood, Tint
from .scene import Scene

if TYPE_CHECKING:
    from collections.abc import Mapping

SCENES: dict[Scene, str] = {
    Scene.MOUNTAINS: """
        mountain* peak* alp alps alpine hill hills summit* valley* cliff* volcano* canyon* fuji landscape*
        гора* гору горе горой горы горн* горам вершин* холм* скал* вулкан* каньон* альп* долин* эльбрус* алтай
        пейзаж*""",
    Scene.SEA: """
        sea seas seaside ocean* beach* boat* ship* sail* coast* island* lake* river* lighthouse* whale* fish*
        море моря морю морем морск* океан* пляж* лодк* корабл* парус* берег* остров* озер* рек* маяк* кит киты
        рыб* залив*""",
    Scene.STARS: """
        star stars starry moon* galaxy galaxies space cosmos cosmic planet* universe comet* nebula* astronaut*
        звезд* лун* космос* космич* галактик* планет* вселенн* комет* туманност* созвезд*""",
    Scene.CITY: """
        city cities town* street* skyline* building* skyscraper* urban downtown metropolis house* cyberpunk
        город* улиц* небоскреб* здани* дома домик* дом москв* петербург* мегаполис* киберпанк* площад*""",
    Scene.FOREST: """
        forest* wood woods woodland tree trees pine pines jungle birch* taiga fir firs deer bear bears fox*
        лес леса лесу лесом лесн* дерев* сосн* ель елки елка ели берез* тайг* джунгл* роща олен* медвед* лис
        лиса лисы волк*""",
    Scene.FLOWERS: """
        flower* rose roses tulip* blossom* bloom* botanical* bouquet* daisy daisies leaf leaves plant plants
        garden* meadow* grass herb* butterfly bird birds poppy poppies
        цветы цветок цветов цветк* цветущ* роза розы розу тюльпан* букет* ромашк* мак маки лист* растен* сад
        сады саду луг луга лугу трав* бабочк* птиц* подсолнух*""",
    Scene.DUNES: """
        desert* dune* sand sands sahara camel* egypt*
        пустын* дюн* песок песк* бархан* сахар* верблюд* египет*""",
    Scene.SHAPES: """
        abstract* geometr* bauhaus shape* circle* square* triangle* cubis* pattern* modern* minimal* robot*
        абстракц* абстрактн* геометр* баухаус круг круги квадрат* треугольник* кубизм* узор* супремат*
        минимал* робот*""",
    Scene.WAVES: """
        paper* wave waves layer* origami flow* curve* music* dance* dancing
        бумаг* бумажн* волн* оригами поток* изгиб* музык* танец танц* слои слоев*""",
    Scene.WATERCOLOUR: """
        watercolor* watercolour* aquarelle ink dream* calm* cloud* sky love feeling* soft smoke* mood*
        акварел* тушь мечт* облак* небо небе неба любов* чувств* нежн* дым дыма сон сны настроен*""",
}

MOODS: dict[Mood, str] = {
    Mood.NIGHT: """
        night* midnight dark darkness moonlight moonlit nocturn* star stars starry
        ночь ночи ночн* ночью темн* полноч* лунн* звезд* туманност*""",
    Mood.SUNSET: "sunset* evening* dusk twilight закат* вечер* сумер*",
    Mood.DAWN: "dawn* sunrise* morning* рассвет* утро утра утрен* заря зари",
    Mood.WINTER: """
        winter* snow* ice icy frost* christmas
        зима зимы зиму зимой зимн* снег* снеж* лед льда ледян* мороз* новогод* рождеств*""",
    Mood.AUTUMN: "autumn* october november осень осени осенью осенн* листопад*",
    Mood.SPRING: "spring* april may blossom* весна весны весной весенн* цветущ*",
    Mood.MIST: "mist* fog foggy haze hazy rain* cloudy туман* дымк* дожд* пасмурн*",
    Mood.DAY: "day daytime summer* sunny noon bright день днем летн* лето летом солнечн* полден* ярк*",
}

TINTS: dict[Tint, str] = {
    Tint.RED: "red scarlet crimson ruby красн* алый алая алое алые багров* рубин*",
    Tint.ORANGE: "orange* terracotta amber оранж* рыж* терракот* янтар*",
    Tint.YELLOW: "yellow* gold golden желт* золот*",
    Tint.GREEN: "green* emerald* olive зелен* изумруд* оливк*",
    Tint.TURQUOISE: "turquoise teal cyan aquamarine бирюз* аквамарин*",
    Tint.BLUE: "blue* azure navy indigo cobalt син* голуб* лазур* индиго",
    Tint.PURPLE: "purple* violet* lilac lavender* фиолет* сирен* лилов* лаванд* пурпур*",
    Tint.PINK: "pink* rosy magenta coral розов* малинов* коралл*",
    Tint.GRAY: "gray grey monochrom* noir black graphite серый серая серое серые черно* черн* монохром* нуар",
}


def first_meaning[T](words: list[str], table: Mapping[T, str]) -> T | None:
    """Return what the first word means that the table knows."""
    for word in words:
        for meaning, stems in table.items():
            if any(
                word.startswith(stem[:-1]) if stem.endswith("*") else word == stem for stem in stems.split()
            ):
                return meaning
    return None
