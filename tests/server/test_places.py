from __future__ import annotations

from typing import TYPE_CHECKING

from imageserver.places import Places

if TYPE_CHECKING:
    from pathlib import Path


def places(root: Path, *, config: str) -> Places:
    for name in ("data", config):
        (root / name).mkdir(exist_ok=True)
    return Places(
        data=root / "data", config=root / config, images=None, certificates=root / "certs", log=None
    )


def test_the_options_are_with_the_data(tmp_path: Path) -> None:
    for config in ("data", "config"):
        assert places(tmp_path, config=config).options == tmp_path / "data" / "options.yml"


def test_options_that_a_person_writes_go_before_those_that_the_app_makes(tmp_path: Path) -> None:
    app = places(tmp_path, config="config")
    (app.data / "options.yml").touch()
    assert app.options == app.data / "options.yml"
    (app.config / "options.yml").touch()
    assert app.options == app.config / "options.yml"
    (app.config / "options.yml").unlink()
    assert app.options == app.data / "options.yml"


def test_a_link_that_leads_nowhere_hides_no_options(tmp_path: Path) -> None:
    app = places(tmp_path, config="config")
    (app.config / "options.yml").symlink_to("gone.yml")
    assert app.options == app.data / "options.yml"
