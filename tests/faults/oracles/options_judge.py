"""Any bytes as options: each value that is written is in force or named as wrong, and nothing is leaked.

What is in force is compared with what is written by rules that share no code with the product's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from imageserver.exceptions import SettingsError
from imageserver.files import json_text, yaml_text
from imageserver.options.options import Loaded, load
from imageserver.providers import ADAPTERS
from imageserver.settings import Settings, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from imageserver.exceptions import Mistake
    from imageserver.models import Json

SCREEN = "iframe_image_parameters"
LONG_ENOUGH = 6
"""Characters of a secret that no message holds by chance."""

WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def number(written: str) -> Json:
    """What a number stands for, exactly; None for no number."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    return float(value) if value.is_finite() else None


def word(written: str) -> Json:
    """What one of several words stands for, as it is spelled in the settings."""
    return written.strip().casefold()


def truth(written: str) -> Json:
    """What a yes or a no stands for; None for neither."""
    return WORDS.get(written.casefold())


def text(written: str) -> Json:
    """What a text stands for."""
    return written.strip()


SCALARS: dict[str, Callable[[str], Json]] = {
    "log_level": word,
    "image_path": text,
    "image_amount_min": number,
    "image_amount_max": number,
    "original_image_amount_min": number,
    "original_image_amount_max": number,
    "image_generate_threshold": number,
    "check_pending_cron": text,
    "scan_image_cron": text,
    "prompts_amount": number,
    "frame_prompts_per_day": number,
    "protect_prompts": truth,
    f"{SCREEN}.image_weight": number,
    f"{SCREEN}.image_height": number,
    f"{SCREEN}.fit_threshold": number,
    f"{SCREEN}.fit_mode": word,
    f"{SCREEN}.panel": word,
    f"{SCREEN}.quality": number,
}
"""The settings with one value, by their path, and what their text stands for."""

LISTS = ("sleep_time", "frame_networks", "server_addresses", "disabled_providers")

DEFAULTS = Settings()


def judge_options(data: bytes, directory: Path) -> None:
    """Fail where reading these bytes as `options.yml` does what it must not."""
    (directory / "ydart-options.json").unlink(missing_ok=True)
    (directory / "options.yml").write_bytes(data)
    loaded = _loaded(directory)
    if loaded is None:
        return
    tree = yaml_text.load(data)
    _Judge(loaded).whole(tree)
    if isinstance(tree, dict):
        _check_secrets(loaded, _secrets(tree))


def judge_provider_file(data: bytes, directory: Path) -> None:
    """Fail where reading these bytes as `ydart-options.json` does what it must not."""
    (directory / "options.yml").unlink(missing_ok=True)
    (directory / "ydart-options.json").write_bytes(data)
    loaded = _loaded(directory)
    assert loaded is not None, "a provider's file keeps the options from being read"
    provider = loaded.settings.providers["ydArt"]
    try:
        written = json_text.load(data)
    except SettingsError:
        assert provider.wrong, "a file that can't be read is passed over"
        assert loaded.mistakes
        return
    judge = _Judge(loaded)
    judge.everything_said()
    if isinstance(written, dict):
        judge.section("ydArt", written, said_as="ydart-options.json: ")
        _check_secrets(loaded, [written.get("api_key")])
    else:
        assert provider.wrong is (written is not None)


def _loaded(directory: Path) -> Loaded | None:
    try:
        return load(options_file=directory / "options.yml", config_dir=directory, adapters=ADAPTERS)
    except SettingsError as error:
        _check_said(error.mistakes)
        return None


def _check_said(findings: Iterable[Mistake]) -> None:
    for finding in findings:
        assert finding.message.strip()
        str(finding).encode()


@dataclass
class _Judge:
    loaded: Loaded

    def whole(self, tree: Any) -> None:
        self.everything_said()
        self._usable()
        if tree is None:
            assert not self.loaded.mistakes
        elif not isinstance(tree, dict):
            assert self.loaded.mistakes, "what is no mapping is passed over"
            assert all(provider.wrong for provider in self.loaded.settings.providers.values())
        else:
            self._top(tree)
            self._providers(tree.get("providers"))

    def everything_said(self) -> None:
        _check_said((*self.loaded.mistakes, *self.loaded.warnings))
        assert self.loaded.values.keys() == self.loaded.sources.keys()
        json.dumps(dict(self.loaded.values), ensure_ascii=False).encode()
        json.dumps(dict(self.loaded.values), allow_nan=False)

    def section(self, code: str, section: dict[str, Any], *, said_as: str) -> None:
        """Compare a provider's settings with what is written for it."""
        for key, written in section.items():
            path = f"providers.{code}.{key}"
            if written is None or key == "api_key":
                continue
            if self.loaded.sources.get(path) is not Source.FILE:
                assert self._is_named(f"{said_as}{key}"), f"{path} is passed over: {written!r}"
            elif isinstance(written, str) and key in {"daily_limit", "image_generate_threshold"}:
                assert self.loaded.values[path] == number(written), path

    def _usable(self) -> None:
        settings = self.loaded.settings
        assert settings.image_amount.minimum < settings.image_amount.maximum
        assert settings.original_image_amount.minimum < settings.original_image_amount.maximum
        assert settings.frame_networks, "everyone is shut out"
        assert settings.image_path.strip()
        for value in _texts(dict(self.loaded.values)):
            assert "\0" not in value, "no path and no header may hold a NUL"

    def _top(self, tree: dict[str, Any]) -> None:
        screen = tree.get(SCREEN)
        if screen is not None and not isinstance(screen, dict):
            assert self._is_named(SCREEN), f"{SCREEN} is passed over: {screen!r}"
        for path, meaning in SCALARS.items():
            self._scalar(path, [found for found in _written(path, tree) if found is not None], meaning)
        for key in LISTS:
            self._list(key, tree.get(key))
        known = {path.partition(".")[0] for path in self.loaded.sources}
        for key in tree.keys() - known:
            assert self._is_named(key) or tree[key] is None, f"{key!r} is passed over"

    def _scalar(self, path: str, written: list[Any], meaning: Callable[[str], Json]) -> None:
        in_file = self.loaded.sources[path] is Source.FILE
        if not written:
            assert not in_file, f"{path} is not written, but in force"
        elif in_file:
            shown = self.loaded.values[path]
            found = shown.casefold() if isinstance(shown, str) and meaning is word else shown
            meant = [meaning(one) for one in written if isinstance(one, str)]
            assert found in meant, f"{path} is {written!r}, but {shown!r} is in force"
        else:
            other = path.replace("image_weight", "image_width")
            assert self._is_named(path) or self._is_named(other), f"{path} is passed over: {written!r}"

    def _list(self, key: str, written: Any) -> None:
        if written is None:
            assert self.loaded.sources[key] is Source.DEFAULT
            return
        items = written if isinstance(written, list) else [written]
        if isinstance(written, dict) or self.loaded.sources[key] is not Source.FILE:
            assert self._is_named(key), f"{key} is passed over: {written!r}"
            return
        in_force = self.loaded.values[key]
        assert isinstance(in_force, list)
        wrong = {
            mistake.path.removeprefix(f"{key}[").partition("]")[0]
            for mistake in self.loaded.mistakes
            if mistake.path.startswith(f"{key}[")
        }
        assert len(in_force) + len(wrong) == len(items), f"{key}: {written!r} became {in_force!r}"

    def _providers(self, written: Any) -> None:
        if not isinstance(written, dict):
            return
        known = {adapter.code.casefold(): adapter.code for adapter in ADAPTERS}
        codes = [code.casefold() for code in written]
        for code, section in written.items():
            spelled = known.get(code.casefold())
            if spelled is None:
                assert self._is_named("providers"), f"the provider {code!r} is passed over"
            elif codes.count(code.casefold()) > 1:
                assert self.loaded.settings.providers[spelled].wrong
            elif isinstance(section, dict):
                self.section(spelled, section, said_as=f"providers.{spelled}.")
            else:
                assert self.loaded.settings.providers[spelled].wrong is (section is not None)

    def _is_named(self, path: str) -> bool:
        last = path.rpartition(".")[2]
        return any(
            finding.path.startswith(path)
            or (finding.path and path.startswith(finding.path))
            or last in finding.message
            for finding in (*self.loaded.mistakes, *self.loaded.warnings)
        )


def _written(path: str, tree: dict[str, Any]) -> Iterator[Any]:
    """Yield what is written for a setting, in each of the places where it may be."""
    top, _, below = path.partition(".")
    if not below:
        yield tree.get(top)
        return
    screen = tree.get(SCREEN)
    if not isinstance(screen, dict | None):
        yield screen
        return
    movable = {"image_weight", "image_width", "image_height", "fit_threshold"}
    for name in [below, "image_width"] if below == "image_weight" else [below]:
        inside = (screen or {}).get(name)
        yield inside
        if inside is None and name in movable:
            yield tree.get(name)


def _secrets(tree: dict[str, Any]) -> Iterator[Any]:
    providers = tree.get("providers")
    for code, section in providers.items() if isinstance(providers, dict) else ():
        if isinstance(section, dict) and code.casefold() == "ydart":
            yield section.get("api_key")


def _check_secrets(loaded: Loaded, secrets: Iterable[Any]) -> None:
    said = [str(finding) for finding in (*loaded.mistakes, *loaded.warnings)]
    for secret in secrets:
        if isinstance(secret, str) and len(secret.strip()) >= LONG_ENOUGH:
            assert secret.strip() in loaded.secrets
            assert not any(secret.strip() in line for line in said), "a secret is told"


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
