"""Colours, mixed as the eye mixes them: in OKLab, where equal steps look equal (Björn Ottosson, 2020)."""

from __future__ import annotations

import math

type Colour = tuple[int, int, int]
type Lab = tuple[float, float, float]

_TINT_CHROMA = 0.065
"""So colourful is at least what is tinted; 0 is gray, 0.3 as strong as a screen can."""

_LINEAR_TO = 0.0031308
"""Up to here sRGB is a straight line."""


def rgb(text: str) -> Colour:
    """Read `#rrggbb`."""
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two: 0 = the one, 1 = the other."""
    return _from_lab(_between(_to_lab(one), _to_lab(other), share))


def ramp(colours: tuple[Colour, ...], steps: int) -> list[Colour]:
    """Return `steps` colours (at least 2) from the first to the last through all between."""
    labs = [_to_lab(colour) for colour in colours]
    result = []
    for step in range(steps):
        at = step / (steps - 1) * (len(labs) - 1)
        first = min(int(at), len(labs) - 2)
        result.append(_from_lab(_between(labs[first], labs[first + 1], at - first)))
    return result


def tinted(colour: Colour, hue: float, strength: float) -> Colour:
    """Turn a colour towards a hue (degrees in OKLab: red 29, yellow 110, green 142, blue 264, ...)."""
    light, a, b = _to_lab(colour)
    chroma = max(math.hypot(a, b), _TINT_CHROMA)
    angle = math.radians(hue)
    goal = (light, chroma * math.cos(angle), chroma * math.sin(angle))
    return _from_lab(_between((light, a, b), goal, strength))


def faded(colour: Colour, share: float) -> Colour:
    """Take colourfulness away: 1 = gray."""
    light, a, b = _to_lab(colour)
    return _from_lab((light, a * (1 - share), b * (1 - share)))


def lit(colour: Colour, change: float) -> Colour:
    """Make a colour lighter, or darker where `change` is negative; 0.1 is plainly seen."""
    light, a, b = _to_lab(colour)
    return _from_lab((min(1.0, max(0.0, light + change)), a, b))


def _between(one: Lab, other: Lab, share: float) -> Lab:
    light, a, b = (first + (second - first) * share for first, second in zip(one, other, strict=True))
    return light, a, b


def _to_lab(colour: Colour) -> Lab:
    red, green, blue = (_linear(value / 255) for value in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_lab(lab: Lab) -> Colour:
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _level(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _level(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _level(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _linear(value: float) -> float:
    return value / 12.92 if value <= _LINEAR_TO * 12.92 else ((value + 0.055) / 1.055) ** 2.4


def _level(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    value = linear * 12.92 if linear <= _LINEAR_TO else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(value * 255)
