"""One provider's settings, from its part of `options.yml` and from its own file, which goes before."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..exceptions import Mistake, UnreadableFileError
from ..files import json_text, yaml_text
from ..settings import ProviderSettings, Source
from .check import Checked, check, dotted
from .schema import PROVIDER
from .shown import HIDDEN, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..models import Json
    from ..providers.base import ImageProvider

READABLE_BY_OTHERS = 0o004

_COMMON = frozenset(str(key) for key in PROVIDER.schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPart:
    """What reading one provider's settings gave.

    Attributes:
        sources: Of each key, by its path: `providers.ydArt.daily_limit`; so are `values`.
        values: For people, secrets hidden.
        secrets: Every secret that is written, right or wrong, in force or not.
    """

    settings: ProviderSettings
    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]
    sources: Mapping[str, Source]
    values: Mapping[str, Json]
    secrets: frozenset[str]


def read_provider(
    adapter: type[ImageProvider], *, section: object, listed: bool, disabled: bool, config_dir: Path
) -> ProviderPart:
    """Read one provider's settings; with a mistake in them it is `wrong`, the rest holds.

    Args:
        adapter: Whose settings they are.
        section: What stands below its code in `options.yml`, None for nothing.
        listed: Its code stands there, with or without settings.
        disabled: It stands in `disabled_providers`.
        config_dir: Where its own file is, if it has one.
    """
    reader = _Reader(adapter, config_dir)
    reader.read(section)
    common = reader.check_common()
    own = reader.check_own()
    defaults = adapter.defaults
    settings = ProviderSettings(
        code=adapter.code,
        image_generate_threshold=common.get("image_generate_threshold", defaults.image_generate_threshold),
        daily_limit=common.get("daily_limit", defaults.daily_limit),
        sleep_time=tuple(common.get("sleep_time", ())),
        enabled=common.get("enabled", True) and not disabled,
        options=MappingProxyType(dict(own)),
        listed=listed or reader.has_file,
        wrong=bool(reader.mistakes),
    )
    from_file = common.keys() | (own.keys() & reader.written.keys()) | ({"enabled"} if disabled else set())
    values = {key: shown(getattr(settings, key)) for key in PROVIDER.schema} | reader.shown(own)
    return ProviderPart(
        settings=settings,
        mistakes=tuple(reader.mistakes),
        warnings=tuple(reader.warnings),
        sources={
            f"{reader.path}.{key}": Source.FILE if key in from_file else Source.DEFAULT for key in values
        },
        values={f"{reader.path}.{key}": value for key, value in values.items()},
        secrets=frozenset(reader.secrets),
    )


@dataclass(slots=True)
class _Reader:
    """Reads the two places, and notes what is wrong in which."""

    adapter: type[ImageProvider]
    config_dir: Path
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    written: dict[str, Any] = field(default_factory=dict)
    in_file: dict[str, Any] = field(default_factory=dict)
    has_file: bool = False

    @property
    def path(self) -> str:
        return f"providers.{self.adapter.code}"

    def read(self, section: object) -> None:
        in_options = self._mapping(section, where=self.path)
        self.in_file = self._read_file()
        self.written = in_options | self.in_file
        for values in (in_options, self.in_file):
            found = (values.get(key) for key in self.adapter.secrets)
            self.secrets.update(value.strip() for value in found if isinstance(value, str) and value.strip())

    def check_common(self) -> Mapping[str, Any]:
        return self._note(check(PROVIDER, self._written(_COMMON & self.written.keys())))

    def check_own(self) -> Mapping[str, Any]:
        adapter = self.adapter
        own = self._written(self.written.keys() - _COMMON)
        try:
            checked = check(adapter.schema, own, secret=adapter.secrets, also_known=_COMMON)
        except Exception as error:  # noqa: BLE001 - a schema may be a user's code, which may do anything
            self.mistakes.append(
                Mistake(self.path, f"can't be checked: {type(error).__name__} in its schema")
            )
            return {}
        return self._note(checked)

    def shown(self, own: Mapping[str, Any]) -> dict[str, Json]:
        schema = self.adapter.schema.schema
        known = [str(key) for key in schema] if isinstance(schema, dict) else []
        values = {key: shown(own.get(key)) for key in (*known, *own)}
        return {
            key: HIDDEN if key in self.adapter.secrets and value else value for key, value in values.items()
        }

    def _written(self, keys: Iterable[str]) -> dict[str, Any]:
        return {key: self.written[key] for key in sorted(keys)}

    def _read_file(self) -> dict[str, Any]:
        name = self.adapter.settings_file
        if name is None:
            return {}
        file = self.config_dir / name
        try:
            data = file.read_bytes()
            self.has_file = True
            content = json_text.load(data) if file.suffix == ".json" else yaml_text.load(data)
        except FileNotFoundError:
            return {}
        except (OSError, UnreadableFileError) as error:
            self.has_file = True
            reason = getattr(error, "strerror", None) or error
            self.mistakes.append(Mistake(name, f"can't be read: {reason}"))
            return {}
        found = self._mapping(content, where=name)
        if any(found.get(key) for key in self.adapter.secrets) and file.stat().st_mode & READABLE_BY_OTHERS:
            self.warnings.append(
                Mistake(name, "holds a secret and may be read by everyone; chmod 600 ends that")
            )
        return found

    def _mapping(self, value: object, *, where: str) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.mistakes.append(Mistake(where, "must hold keys and values"))
            return {}
        return {key: item for key, item in value.items() if item is not None}

    def _note(self, checked: Checked) -> Mapping[str, Any]:
        for findings, notes in ((checked.wrong, self.mistakes), (checked.unknown, self.warnings)):
            for finding in findings:
                in_file = finding.path and finding.path[0] in self.in_file
                before = f"{self.adapter.settings_file}: " if in_file else f"{self.path}."
                notes.append(Mistake(before + dotted(finding.path), self._without_secrets(finding.message)))
        return checked.values

    def _without_secrets(self, message: str) -> str:
        for secret in self.secrets:
            message = message.replace(secret, HIDDEN)
        return message
