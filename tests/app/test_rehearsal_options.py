"""What the app's user sets and writes, and what becomes of it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.app.rehearsal.image import ROOT
from tests.app.rehearsal.network import SERVICE
from tests.app.rehearsal.visitors import frame, home_assistant, shows, yandex
from tests.app.supervisor_rules.option_schema import InvalidOptionError
from tests.simulators.my_stable_diffusion import StableDiffusionSimulator

if TYPE_CHECKING:
    from tests.app.rehearsal.supervised_app import SupervisedApp
    from tests.app.rehearsal.visitors import Client

pytestmark = pytest.mark.timeout(90)

OUT_OF_HIS_MIND = {
    "image_amount_min": 5000,
    "image_amount_max": 100,
    "check_pending_cron": "every minute",
    "frame_networks": ["the garden"],
    "sleep_time": [{"time_range": {"start_time": "12:00", "end_time": "12:00"}, "black_image_mode": True}],
    "certfile": "missing.pem",
    "keyfile": "missing.pem",
}


async def test_options_that_are_changed_hold_from_the_next_start_on(app: SupervisedApp) -> None:
    await app.start()
    assert await shows(frame()) == (320, 480)
    app.options = {
        "iframe_image_parameters": {"image_weight": 480, "image_height": 320},
        "log_level": "DEBUG",
        "prompts_amount": 7,
    }
    await app.restart()
    assert await shows(frame(screen=(480, 320))) == (480, 320)
    async with home_assistant(app) as integration:
        assert await setting(integration, "prompts_amount") == (7, "file")
        assert await setting(integration, "log_level") == ("DEBUG", "file")


@pytest.mark.parametrize(
    ("file", "amount"),
    [("examples/options.yml", 10), ("tests/server/fixtures/old_server/options.yml", 25)],
)
async def test_the_users_own_options_file_goes_before_the_configuration_tab(
    app: SupervisedApp, file: str, amount: int
) -> None:
    app.folders.config.mkdir(parents=True)
    shutil.copy(ROOT / file, app.folders.config / "options.yml")
    app.options = {"prompts_amount": 7}
    await app.start()
    assert "/config/options.yml" in await app.container.said("Options: ")
    async with home_assistant(app) as integration:
        assert await setting(integration, "prompts_amount") == (amount, "file")
    assert await shows(frame()) == (320, 480)
    # The file is of a server without Home Assistant: its /images would be gone with the next update.
    assert " ERROR " in await app.container.said("/images")
    assert (app.folders.media / "aiframes" / "scalable").is_dir()
    (app.folders.config / "options.yml").unlink()
    await app.restart()
    async with home_assistant(app) as integration:
        assert await setting(integration, "prompts_amount") == (7, "file")


async def test_mistakes_that_home_assistant_can_not_see_are_named_and_darken_no_frame(
    app: SupervisedApp,
) -> None:
    app.options = OUT_OF_HIS_MIND
    await app.start()
    for name in ("image_amount_min", "check_pending_cron", "frame_networks", "sleep_time", "missing.pem"):
        assert " ERROR " in await app.container.said(name), name
    for tls in (True, False):
        assert await shows(frame(tls=tls)) == (320, 480)
    async with home_assistant(app) as integration:
        assert {"options", "certificate_refused"} <= (await integration.problems()).keys()
    assert (await app.stop()).code == 0


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"iframe_image_parameters": {"quality": 20}}, "iframe_image_parameters.quality"),
        ({"log_level": "LOUD"}, "log_level"),
        ({"providers": {"ydArt": {"sleep_time": [{"time_range": {"start_time": "23:00"}}]}}}, "end_time"),
        ({"sleep_time": [{"time_range": {"start_time": "25:00", "end_time": "08:00"}}]}, "start_time"),
    ],
)
async def test_what_home_assistant_refuses_never_reaches_the_app(
    app: SupervisedApp, options: dict[str, object], path: str
) -> None:
    app.options = options
    with pytest.raises(InvalidOptionError, match=path):
        await app.start()
    assert not app.folders.options.exists()
    assert app.containers == []


async def test_prompts_edited_by_hand_are_asked_for_at_once(app: SupervisedApp) -> None:
    async with yandex(app) as simulator:
        await app.start()
        book = app.folders.config / "prompts.yaml"
        # As an editor over the network saves: another file, and another owner.
        (app.folders.config / "new").write_text("prompts:\n- idx: 1\n  prompt: золотая кукушка\n")
        (app.folders.config / "new").replace(book)
        async with home_assistant(app) as integration:
            await integration.until("/prompts", lambda found: found["prompts"][0]["prompt"] != "test")
        assert await shows(frame(), "ydart") == (320, 480)
        assert [asked.prompt for asked in simulator.billed] == ["золотая кукушка"]
        await frame().add("серебряная кукушка")
        assert "серебряная кукушка" in book.read_text()


async def test_credentials_in_a_file_of_the_users_are_used(app: SupervisedApp) -> None:
    async with yandex(app) as simulator:
        account = app.options["providers"]["ydArt"]
        app.folders.config.mkdir(parents=True)
        file = app.folders.config / "ydart-options.json"
        file.write_text(json.dumps({name: account.pop(name) for name in ("folder_id", "api_key")}))
        file.chmod(0o600)
        await app.start()
        assert await shows(frame(), "ydart", "a lamp at dusk") == (320, 480)
        assert [asked.prompt for asked in simulator.billed] == ["a lamp at dusk"]


async def test_a_provider_that_the_user_has_written_makes_pictures(app: SupervisedApp) -> None:
    adapters = app.folders.config / "providers"
    adapters.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "providers" / "my_stable_diffusion.py", adapters)
    async with StableDiffusionSimulator(host=SERVICE) as simulator:
        (adapters / "mySd.yml").write_text(f"address: {simulator.url}\n")
        await app.start()
        assert await shows(frame(), "ydart", "a lamp at dusk") == (320, 480)
        assert simulator.asked[-1]["prompt"] == "a lamp at dusk"
        (adapters / "broken.py").write_text("import nothing_of_that_name\n")
        await app.restart()
        assert "WARNING" in await app.container.said("providers/broken.py: can't be loaded")
        assert await shows(frame(), "ydart", "a lamp at dawn") == (320, 480)


async def test_pictures_from_a_folder_of_the_media_library_are_shown(app: SupervisedApp) -> None:
    shutil.copytree(ROOT / "docs" / "pictures", app.folders.media / "holidays")
    (app.folders.media / "holidays" / "card.png").chmod(0o644)
    app.options = {"providers": {"lim": {"local_image_folder": "/media/holidays"}}}
    await app.start()
    async with home_assistant(app) as integration:
        made = await integration.post("/operations", {"provider": "lim", "wait": 20})
        assert made["status"] == "done"
        assert await setting(integration, "providers.lim.local_image_folder") == ("/media/holidays", "file")
    assert {path.stat().st_uid for path in (app.folders.media / "holidays").iterdir()} == {0}
    assert await shows(frame()) == (320, 480)


async def setting(integration: Client, path: str) -> tuple[object, str]:
    """Return a setting's value, and where it comes from."""
    settings = (await integration.get("/settings"))["settings"]
    return next((entry["value"], entry["source"]) for entry in settings if entry["path"] == path)
