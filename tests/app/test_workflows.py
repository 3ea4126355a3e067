"""The workflows: they can do no more than they need, and what they name is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.app.supervisor_rules import app_config

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "addon" / "config.yaml").read_text("utf-8"))
IMAGE = "ghcr.io/aiframes/imageserver"

PINNED = re.compile(r"[\w-]+/[\w./-]+@(v?\d+(\.\d+)+|[0-9a-f]{40})")
OURS = re.compile(r"(?:^|[\s\"'=(./])((?:\.ci|addon|scripts|tests|custom_components)(?:/[\w.-]+)*)")
ACCESS = {"read", "write", "none"}


def workflow(path: Path) -> dict[str, Any]:
    """Read a workflow; YAML takes its key `on` for a switch."""
    read = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in read.items()}


WORKFLOWS = {path.stem: workflow(path) for path in (ROOT / ".github" / "workflows").iterdir()}
JOBS = [(name, job) for name, flow in WORKFLOWS.items() for job in flow["jobs"]]
RELEASE = WORKFLOWS["release"]["jobs"]


def step(name: str, job: str) -> str:
    """Return what a step of the release runs."""
    (found,) = (one["run"] for one in RELEASE[job]["steps"] if one.get("name") == name)
    return str(found)


def writable(job: dict[str, Any]) -> set[str]:
    return {name for name, access in job["permissions"].items() if access == "write"}


class TestEveryWorkflow:
    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_it_has_a_name_and_a_cause_and_says_what_becomes_of_two_at_once(self, name: str) -> None:
        flow = WORKFLOWS[name]
        assert flow["name"]
        assert flow["on"]
        assert flow["concurrency"].keys() >= {"group", "cancel-in-progress"}

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_it_may_do_nothing_where_a_job_does_not_say_so(self, name: str) -> None:
        assert WORKFLOWS[name]["permissions"] == {}


@pytest.mark.parametrize(("name", "job"), JOBS)
class TestEveryJob:
    def test_it_says_what_it_may_do_and_how_long(self, name: str, job: str) -> None:
        told = WORKFLOWS[name]["jobs"][job]
        assert told["permissions"]
        assert set(told["permissions"].values()) <= ACCESS
        assert 1 <= told["timeout-minutes"] <= 60

    def test_it_runs_on_a_release_of_a_system(self, name: str, job: str) -> None:
        told = WORKFLOWS[name]["jobs"][job]
        runners = told.get("strategy", {}).get("matrix", {})
        named = runners["runner"] if told["runs-on"] == "${{ matrix.runner }}" else [told["runs-on"]]
        assert all("latest" not in runner for runner in named)

    def test_it_uses_releases_of_actions(self, name: str, job: str) -> None:
        for one in WORKFLOWS[name]["jobs"][job]["steps"]:
            assert PINNED.fullmatch(one.get("uses", "a/b@1.0")), one["uses"]

    def test_its_commands_take_values_from_the_environment(self, name: str, job: str) -> None:
        """A tag or a branch can be named like a command."""
        for one in WORKFLOWS[name]["jobs"][job]["steps"]:
            assert "${{" not in one.get("run", ""), one

    def test_it_keeps_no_right_to_push_that_it_does_not_use(self, name: str, job: str) -> None:
        told = WORKFLOWS[name]["jobs"][job]
        for one in told["steps"]:
            if one.get("uses", "").startswith("actions/checkout@") and "contents" not in writable(told):
                assert one["with"]["persist-credentials"] is False

    def test_what_it_names_of_this_repository_is_there(self, name: str, job: str) -> None:
        for one in WORKFLOWS[name]["jobs"][job]["steps"]:
            for path in OURS.findall("\n".join(strings(one))):
                assert (ROOT / path).exists(), path


def strings(value: Any) -> Iterator[str]:
    """Yield all text in a step."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


class TestChecks:
    def test_everything_that_is_checked_here_is_checked_there(self) -> None:
        commands = [one.get("run") for one in WORKFLOWS["checks"]["jobs"]["tests"]["steps"]]
        assert "sudo .ci/run" in commands
        assert os.access(ROOT / ".ci" / "run", os.X_OK)

    def test_the_linter_gets_the_app_under_the_names_that_it_knows(self, tmp_path: Path) -> None:
        steps = WORKFLOWS["checks"]["jobs"]["linter"]["steps"]
        (command,) = (one["run"] for one in steps if "run" in one)
        shutil.copytree(ROOT / "addon", tmp_path / "addon", ignore=shutil.ignore_patterns("imageserver"))
        bash(command, tmp_path)
        (path,) = (one["with"]["path"] for one in steps if "linter" in one.get("uses", ""))
        linted = yaml.safe_load((tmp_path / path / "config.yaml").read_text("utf-8"))
        assert {folder["type"] for folder in linted["map"]} == {"addon_config", "media", "ssl"}
        assert {**linted, "map": CONFIG["map"]} == CONFIG


class TestRelease:
    def test_image_and_architectures_are_the_apps(self) -> None:
        told = WORKFLOWS["release"]["env"]
        assert f"{told['REGISTRY']}/{told['IMAGE_NAME']}" == IMAGE
        assert json.loads(told["ARCHITECTURES"]) == CONFIG["arch"]

    def test_each_job_waits_for_what_it_builds_on(self) -> None:
        assert {name: job.get("needs") for name, job in RELEASE.items()} == {
            "prepare": None,
            "build": "prepare",
            "publish": ["prepare", "build"],
            "offer": ["prepare", "publish"],
        }

    def test_each_job_may_write_only_what_it_is_for(self) -> None:
        assert {name: writable(job) for name, job in RELEASE.items()} == {
            "prepare": set(),
            "build": {"id-token", "packages"},
            "publish": {"id-token", "packages"},
            "offer": {"contents", "pull-requests"},
        }

    def test_the_tag_must_be_the_version(self, tmp_path: Path) -> None:
        command = step("See that the tag is the version, and what the app is called", "prepare")
        output = tmp_path / "output"
        with pytest.raises(subprocess.CalledProcessError):
            bash(command, ROOT, TAG="9.9.9", GITHUB_OUTPUT=str(output))
        bash(command, ROOT, TAG=CONFIG["version"], GITHUB_OUTPUT=str(output))
        assert output.read_text("utf-8").splitlines() == [
            f"version={CONFIG['version']}",
            "labels<<END",
            "io.hass.type=app",
            *(f"io.hass.{key}={CONFIG[key]}" for key in ("name", "description", "url")),
            "END",
        ]


class TestOffer:
    """Brings a published version to main, in a repository of its own; only GitHub's client is played."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        origin, clone = tmp_path / "origin.git", tmp_path / "clone"
        git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
        git(tmp_path, "clone", "--quiet", str(origin), str(clone))
        git(clone, "checkout", "--quiet", "-b", "main")
        shutil.copytree(ROOT / "scripts", clone / "scripts")
        (clone / "addon").mkdir()
        text = (ROOT / "addon" / "config.yaml").read_text("utf-8")
        unnamed = re.sub(r"^image: .*$", "# No `image:` here.", text, flags=re.MULTILINE)
        (clone / "addon" / "config.yaml").write_text(unnamed)
        commit(clone, "First")
        git(clone, "push", "--quiet", "origin", "main")
        client = tmp_path / "bin" / "gh"
        client.parent.mkdir()
        client.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{tmp_path / "asked"}\n')
        client.chmod(0o755)
        return clone

    def offer(self, repository: Path, *, branch: str) -> list[str]:
        """Do what the release does, and return what was asked of GitHub."""
        asked = repository.parent / "asked"
        asked.unlink(missing_ok=True)
        released = git(repository, "rev-parse", "HEAD")
        git(repository, "checkout", "--quiet", "--detach")
        for name in ("Name the image", "Open the pull request"):
            bash(
                step(name, "offer"),
                repository,
                **WORKFLOWS["release"]["env"],
                BASE="main",
                BRANCH=branch,
                GITHUB_SHA=released,
                VERSION="2.0.0",
                PATH=f"{asked.parent / 'bin'}:{os.environ['PATH']}",
            )
        return asked.read_text("utf-8").splitlines() if asked.exists() else []

    def test_the_first_release_also_names_the_image(self, repository: Path) -> None:
        (asked,) = self.offer(repository, branch="main")
        assert asked.startswith("pr create --base main --head offer-2.0.0 ")
        offered = yaml.safe_load(git(repository, "show", "origin/offer-2.0.0:addon/config.yaml"))
        assert offered["image"] == IMAGE
        assert app_config.findings(offered) == []
        changed = git(repository, "diff", "--name-only", "origin/main", "origin/offer-2.0.0")
        assert changed == "addon/config.yaml"

    def test_a_later_one_is_brought_to_main_as_it_was_released(self, repository: Path) -> None:
        self.offer(repository, branch="main")
        git(repository, "push", "--quiet", "origin", "HEAD:main")
        git(repository, "checkout", "--quiet", "-b", "next")
        (repository / "CHANGELOG").write_text("More\n")
        commit(repository, "Next")
        git(repository, "push", "--quiet", "origin", "next")
        branches = git(repository, "ls-remote", "--heads", "origin")
        (asked,) = self.offer(repository, branch="next")
        assert asked.startswith("pr create --base main --head next ")
        assert git(repository, "ls-remote", "--heads", "origin") == branches

    def test_one_that_is_on_main_already_needs_nothing(self, repository: Path) -> None:
        self.offer(repository, branch="main")
        git(repository, "push", "--quiet", "origin", "HEAD:main")
        assert self.offer(repository, branch="main") == []


def test_a_file_that_has_no_place_for_the_image_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "lamp.yaml"
    file.write_text("name: Lamp\n")
    with pytest.raises(subprocess.CalledProcessError):
        bash(f"scripts/name-image {IMAGE} {file}", ROOT)
    assert file.read_text() == "name: Lamp\n"


class TestDependabot:
    UPDATES = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]

    def test_it_looks_after_all_that_is_pinned(self) -> None:
        watched = {
            (one["package-ecosystem"], directory)
            for one in self.UPDATES
            for directory in one.get("directories", [one.get("directory")])
        }
        assert watched == {
            ("docker", "/addon"),
            ("github-actions", "/"),
            ("pip", "/addon"),
            ("pip", "/requirements"),
        }

    def test_it_asks_once_a_week(self) -> None:
        assert {one["schedule"]["interval"] for one in self.UPDATES} == {"weekly"}


def surroundings() -> dict[str, str]:
    """Return the environment without what leads git to another repository or to a person's settings."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def bash(command: str, directory: Path, **environment: str) -> None:
    """Run what a step runs, as the runner does."""
    subprocess.run(  # noqa: S603
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],  # noqa: S607
        cwd=directory,
        env={**surroundings(), **environment},
        check=True,
        capture_output=True,
    )


def commit(repository: Path, message: str) -> None:
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message", message)


def git(directory: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    done = subprocess.run(  # noqa: S603
        ["git", *identity, *arguments],  # noqa: S607
        cwd=directory,
        env=surroundings(),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
