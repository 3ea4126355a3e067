"""`options.yml`, and the files beside it, -> `Settings`; every mistake at once.

A mistake darkens no frame: what is wrong takes its default (of a list, only that entry is left out), and
a provider with wrong settings is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..exceptions import Mistake, SettingsError, UnreadableFileError
from ..files import yaml_text
from ..models import Size
from ..settings import SCREEN, Caps, FrameImage, Settings, Source
from .check import check, dotted, similar
from .provider_options import READABLE_BY_OTHERS, read_provider
from .schema import OPTIONS, SCREEN_KEYS
from .shown import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..models import Json
    from ..providers.base import ImageProvider
    from .provider_options import ProviderPart

_SAME_NAME = (
    "log_level",
    "image_path",
    "image_generate_threshold",
    "check_pending_cron",
    "scan_image_cron",
    "prompts_amount",
    "frame_prompts_per_day",
    "protect_prompts",
)
_LISTS = ("sleep_time", "frame_networks", "server_addresses")
_SCREEN = "iframe_image_parameters"
_IMAGE = ("fit_threshold", "fit_mode", "panel", "quality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings, and what reading them brought to light.

    Attributes:
        mistakes: What is wrong and was replaced by its default.
        warnings: What works, but is probably not what was meant.
        sources: Of each key, by its path: `providers.ydArt.daily_limit`.
        values: The same keys with what holds, for people: secrets hidden.
        secrets: What must never be shown, whether it is in force or not.
    """

    settings: Settings
    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]
    sources: Mapping[str, Source]
    values: Mapping[str, Json]
    secrets: frozenset[str]


def load(*, options_file: Path, config_dir: Path, adapters: Sequence[type[ImageProvider]]) -> Loaded:
    """Read the options; without the file, all defaults hold.

    Args:
        options_file: `options.yml`.
        config_dir: Where the providers' own files are.
        adapters: All that are known; each gets its entry in `Settings.providers`.

    Raises:
        SettingsError: The file can't be read, or is no YAML.
    """
    reader = _Reader(adapters)
    reader.read(_read(options_file))
    parts = [reader.provider(adapter, config_dir) for adapter in adapters]
    settings = reader.settings(parts)
    secrets = frozenset(reader.secrets).union(*(part.secrets for part in parts))
    if reader.holds_secret() and options_file.stat().st_mode & READABLE_BY_OTHERS:
        reader.warn("", "the file holds a secret and may be read by everyone; chmod 600 ends that")
    values = _values(settings) | {"disabled_providers": shown(reader.given.get("disabled_providers", []))}
    sources = {path: Source.FILE if path in reader.paths() else Source.DEFAULT for path in values}
    for part in parts:
        values |= part.values
        sources |= part.sources
    return Loaded(
        settings=settings,
        mistakes=(*reader.mistakes, *(mistake for part in parts for mistake in part.mistakes)),
        warnings=(*reader.warnings, *(warning for part in parts for warning in part.warnings)),
        sources=MappingProxyType(sources),
        values=MappingProxyType(values),
        secrets=secrets,
    )


def _read(file: Path) -> object:
    try:
        return yaml_text.load(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, UnreadableFileError) as error:
        reason = getattr(error, "strerror", None) or error
        mistake = Mistake(file.name, f"can't be read: {reason}")
        raise SettingsError(str(mistake), mistakes=(mistake,)) from error


def _values(settings: Settings) -> dict[str, Json]:
    values = {key: shown(getattr(settings, key)) for key in (*_SAME_NAME, *_LISTS)}
    for name in ("image_amount", "original_image_amount"):
        caps: Caps = getattr(settings, name)
        values |= {f"{name}_min": caps.minimum, f"{name}_max": caps.maximum}
    image = settings.frame_image
    size: dict[str, Json] = {"image_weight": image.size.width, "image_height": image.size.height}
    for key, value in (size | {key: shown(getattr(image, key)) for key in _IMAGE}).items():
        values[f"{_SCREEN}.{key}"] = value
    return values


@dataclass(slots=True)
class _Reader:
    """Takes the file apart, and notes what is wrong.

    Attributes:
        given: What is written and right, but for the two below.
        screen: The same below `iframe_image_parameters`.
        sections: What is written for each provider, by its code without case; nothing of it is checked.
        spoilt: Providers, by the same code, whose settings nobody can know.
        secrets: Of sections that are there twice.
    """

    adapters: Sequence[type[ImageProvider]]
    given: dict[str, Any] = field(default_factory=dict)
    screen: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, object] = field(default_factory=dict)
    spoilt: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)

    def read(self, written: object) -> None:
        if written is not None and not isinstance(written, dict):
            self.wrong("", "the file must hold keys and values, such as `log_level: INFO`")
            self.spoilt = self._codes()
            return
        top = dict(written or {})
        self._split(top.pop("providers", None))
        self._move_screen_keys(top)
        checked = check(OPTIONS, top, also_known=["providers"])
        for finding in checked.wrong:
            self.wrong(dotted(finding.path), finding.message)
        for finding in checked.unknown:
            self.warn(dotted(finding.path), finding.message)
        self.given = dict(checked.values)
        self.screen = dict(self.given.pop(_SCREEN, {}))
        self._name_unknown("disabled_providers", self.given.get("disabled_providers", []))

    def provider(self, adapter: type[ImageProvider], config_dir: Path) -> ProviderPart:
        code = adapter.code.casefold()
        disabled = {name.casefold() for name in self.given.get("disabled_providers", [])}
        return read_provider(
            adapter,
            section=self.sections.get(code),
            listed=code in self.sections,
            disabled=code in disabled,
            config_dir=config_dir,
        )

    def settings(self, parts: Sequence[ProviderPart]) -> Settings:
        image_amount = self._caps("image_amount", Caps())
        original_image_amount = self._caps("original_image_amount", image_amount)
        frame_image = self._frame_image()
        providers = [
            replace(part.settings, wrong=part.settings.wrong or part.settings.code.casefold() in self.spoilt)
            for part in parts
        ]
        named: dict[str, Any] = {key: self.given[key] for key in _SAME_NAME if key in self.given}
        named |= {key: tuple(self.given[key]) for key in _LISTS if key in self.given}
        return Settings(
            image_amount=image_amount,
            original_image_amount=original_image_amount,
            frame_image=frame_image,
            providers=MappingProxyType({provider.code: provider for provider in providers}),
            **named,
        )

    def paths(self) -> set[str]:
        """Return the paths of what the file says, and says rightly."""
        return {*self.given, *(f"{_SCREEN}.{key}" for key in self.screen)}

    def holds_secret(self) -> bool:
        sections = ((adapter, self.sections.get(adapter.code.casefold())) for adapter in self.adapters)
        return any(
            section.get(key)
            for adapter, section in sections
            if isinstance(section, dict)
            for key in adapter.secrets
        )

    def wrong(self, path: str, message: str) -> None:
        self.mistakes.append(Mistake(path, message))

    def warn(self, path: str, message: str) -> None:
        self.warnings.append(Mistake(path, message))

    def _split(self, providers: object) -> None:
        """Sort what stands below `providers` by code."""
        if not providers:
            return
        if not isinstance(providers, dict):
            self.wrong("providers", "must hold a provider's code and below it its settings, for each")
            self.spoilt = self._codes()
            return
        for code, section in providers.items():
            if code.casefold() in self.sections:
                self.wrong(f"providers.{code}", "is there twice; codes are the same in any case")
                self.spoilt.add(code.casefold())
                self._hide(code.casefold())
            self.sections[code.casefold()] = section
        self._name_unknown("providers", list(providers))

    def _hide(self, code: str) -> None:
        """Note the secrets of a section that another one takes the place of."""
        section = self.sections[code]
        keys = {
            key for adapter in self.adapters if adapter.code.casefold() == code for key in adapter.secrets
        }
        found = [section.get(key) for key in keys] if isinstance(section, dict) else []
        self.secrets |= {secret.strip() for secret in found if isinstance(secret, str) and secret.strip()}

    def _codes(self) -> set[str]:
        return {adapter.code.casefold() for adapter in self.adapters}

    def _name_unknown(self, path: str, codes: Sequence[str]) -> None:
        known = {adapter.code.casefold(): adapter.code for adapter in self.adapters}
        for code in codes:
            if code.casefold() not in known:
                hint = similar(code, known.values()) or f"; known are {', '.join(known.values())}"
                self.warn(path, f"there is no provider {code}{hint}")

    def _move_screen_keys(self, top: dict[str, Any]) -> None:
        """Take what the oldest files have at the top."""
        screen = {} if top.get(_SCREEN) is None else top[_SCREEN]
        if not isinstance(screen, dict):
            return
        for key in sorted(SCREEN_KEYS & top.keys()):
            value = top.pop(key)
            if screen.get(key) is None:  # written there without a value, it is not written
                top[_SCREEN] = screen = screen | {key: value}
            self.warn(key, f"belongs below {_SCREEN}; move it there")

    def _caps(self, name: str, default: Caps) -> Caps:
        caps = Caps(
            self.given.get(f"{name}_min", default.minimum), self.given.get(f"{name}_max", default.maximum)
        )
        if caps.minimum < caps.maximum:
            return caps
        self.wrong(f"{name}_min", f"must be below {name}_max, but {caps.minimum} is not below {caps.maximum}")
        for key in (f"{name}_min", f"{name}_max"):
            self.given.pop(key, None)
        return default

    def _frame_image(self) -> FrameImage:
        screen = self.screen
        width = screen.pop("image_width", None)
        if width is not None and screen.setdefault("image_weight", width) != width:
            other = screen.pop("image_weight")
            self.wrong(
                f"{_SCREEN}.image_width",
                f"is the same as image_weight, but one is {width}, the other {other}",
            )
        size = Size(screen.get("image_weight", SCREEN.width), screen.get("image_height", SCREEN.height))
        return FrameImage(size=size, **{key: screen[key] for key in _IMAGE if key in screen})
