from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imageserver.exceptions import ContentRefusedError
from tests.houses import FRAME

if TYPE_CHECKING:
    from tests.adapters import Script
    from tests.api_client import Api

ROBOT = {
    "prompt": "[[color]] робот с [[weapon]]",
    "negative": "кровь",
    "placeholders": {"weapon": ["бластер", "автомат"]},
}


async def texts(api: Api) -> list[str]:
    return [entry["prompt"] for entry in (await api.get("/prompts")).json["prompts"]]


async def test_a_prompt_is_added_read_and_removed(api: Api) -> None:
    added = await api.post("/prompts", ROBOT)
    assert added.status == 201
    prompt = added.json["prompt"]
    assert (prompt["idx"], prompt["enabled"], prompt["refused_by"]) == (2, True, {})
    assert {key: prompt[key] for key in ROBOT} == ROBOT
    assert added.json["removed"] == []
    assert (await api.get(f"/prompts/{prompt['id']}")).json == prompt
    assert await texts(api) == ["test", ROBOT["prompt"]]

    assert (await api.delete(f"/prompts/{prompt['id']}")).json == prompt
    assert (await api.get(f"/prompts/{prompt['id']}")).error == (404, "NotFound")
    assert (await api.delete(f"/prompts/{prompt['id']}")).error == (404, "NotFound")
    assert await texts(api) == ["test"]


async def test_the_oldest_leaves_when_the_book_is_full_and_the_answer_says_which(api: Api) -> None:
    for number in range(9):
        await api.post("/prompts", {"prompt": f"prompt {number}"})
    added = await api.post("/prompts", {"prompt": "one too many"})
    assert [entry["prompt"] for entry in added.json["removed"]] == ["test"]
    assert len(await texts(api)) == 10


async def test_what_is_not_named_stays_and_null_takes_away(api: Api) -> None:
    prompt_id = (await api.post("/prompts", ROBOT)).json["prompt"]["id"]
    path = f"/prompts/{prompt_id}"

    off = (await api.put(path, {"enabled": False})).json
    assert (off["enabled"], off["prompt"], off["negative"]) == (False, ROBOT["prompt"], "кровь")
    assert off["placeholders"] == ROBOT["placeholders"]

    bare = (await api.put(path, {"negative": None, "placeholders": None})).json
    assert (bare["negative"], bare["placeholders"], bare["enabled"]) == (None, {}, False)

    new = (await api.put(path, {"prompt": "кукушка", "negative": "", "enabled": True})).json
    assert (new["prompt"], new["negative"], new["enabled"]) == ("кукушка", None, True)
    assert new["id"] == prompt_id


async def test_a_prompt_moves_and_keeps_its_id(api: Api) -> None:
    for number in range(3):
        await api.post("/prompts", {"prompt": f"prompt {number}"})
    ids = [entry["id"] for entry in (await api.get("/prompts")).json["prompts"]]
    moved = await api.post(f"/prompts/{ids[3]}/move", {"idx": 1})
    assert [entry["id"] for entry in moved.json["prompts"]] == [ids[3], ids[0], ids[1], ids[2]]
    assert [entry["idx"] for entry in moved.json["prompts"]] == [1, 2, 3, 4]
    assert (await api.post(f"/prompts/{ids[3]}/move", {"idx": 5})).error == (400, "PromptError")
    assert (await api.post("/prompts/nobody/move", {"idx": 1})).error == (404, "NotFound")


async def test_global_lists_are_put_in_place_of_those_that_were_there(api: Api) -> None:
    lists = {"color": ["красный", "кроваво красный"], "weapon": ["камень"]}
    assert (await api.put("/placeholders", {"placeholders": lists})).json == {"placeholders": lists}
    assert (await api.get("/placeholders")).json == {"placeholders": lists}
    assert (await api.put("/placeholders", {"placeholders": {}})).json == {"placeholders": {}}


async def test_a_preview_expands_without_keeping_anything(api: Api) -> None:
    await api.put("/placeholders", {"placeholders": {"color": ["red", "dark green"]}})
    body = {"prompt": "a [[color]] [[thing]]", "placeholders": {"thing": ["car"]}, "times": 3}
    preview = (await api.post("/prompts/preview", body)).json
    assert len(preview["texts"]) == 3
    assert {entry["prompt"] for entry in preview["texts"]} <= {"a red car", "a dark green car"}
    assert preview["longest"] == {"prompt": "a dark green car", "negative": None, "length": 16}
    assert preview["fits"] == {"ydArt": True}
    assert preview["findings"] == []
    assert await texts(api) == ["test"]


async def test_a_preview_says_what_is_wrong(api: Api) -> None:
    preview = (await api.post("/prompts/preview", {"prompt": "[[nothing]] " + "a" * 600})).json
    assert preview["fits"] == {"ydArt": False}
    assert preview["findings"][0]["placeholder"] == "nothing"
    assert preview["findings"][0]["position"] is not None
    assert len((await api.post("/prompts/preview", {"prompt": ""})).json["findings"]) == 1


async def test_findings_are_listed_with_the_book(api: Api) -> None:
    prompt_id = (await api.post("/prompts", {"prompt": "[[nothing]]"})).json["prompt"]["id"]
    (finding,) = (await api.get("/prompts")).json["findings"]
    assert (finding["prompt_id"], finding["idx"], finding["placeholder"]) == (prompt_id, 2, "nothing")


async def test_a_prompt_shows_who_refuses_it_until_it_is_another(api: Api, script: Script) -> None:
    script.answers.append(ContentRefusedError("Not this"))
    await api.post("/operations", {"wait": 30})
    (prompt,) = (await api.get("/prompts")).json["prompts"]
    assert prompt["refused_by"] == {"ydArt": "Not this"}
    edited = await api.put(f"/prompts/{prompt['id']}", {"prompt": "milder"})
    assert edited.json["refused_by"] == {}


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"prompt"}),
        ({"prompt": None}, {"prompt"}),
        ({"prompt": " "}, {"prompt"}),
        ({"prompt": "a" * 2001, "enabled": 1, "idx": 3}, {"prompt", "enabled", "idx"}),
        ({"prompt": "a", "placeholders": {"x": "y"}}, {"placeholders.x"}),
        ({"prompt": "a", "placeholders": {"x": ["y", 1]}}, {"placeholders.x[1]"}),
        ({"prompt": "a", "placeholders": {"not a name": ["y"]}}, {"placeholders.not a name"}),
    ],
)
async def test_what_cannot_be_a_prompt_is_refused_with_every_mistake(
    api: Api, body: dict[str, Any], paths: set[str]
) -> None:
    answer = await api.post("/prompts", body)
    assert answer.status == 400
    assert set(answer.mistakes) == paths
    assert await texts(api) == ["test"]


async def test_a_prompt_that_is_there_already_is_refused(api: Api) -> None:
    assert (await api.post("/prompts", {"prompt": "test", "negative": ""})).error == (400, "PromptError")
    assert (await api.post("/prompts", {"prompt": "test", "negative": "x"})).status == 201


async def test_a_broken_file_is_not_overwritten(api: Api) -> None:
    file = api.house.places.config / "prompts.yaml"
    good = file.read_text("utf-8")
    file.write_text("prompts: [", "utf-8")
    assert (await api.post("/prompts", {"prompt": "new"})).error == (400, "PromptError")
    assert file.read_text("utf-8") == "prompts: ["
    assert await texts(api) == ["test"], "the last good prompts hold"
    file.write_text(good, "utf-8")
    assert (await api.post("/prompts", {"prompt": "new"})).status == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/prompts/{id}", {}),
        ("PUT", "/prompts/{id}", {"prompt": None}),
        ("PUT", "/prompts/{id}", {"prompt": ""}),
        ("POST", "/prompts/{id}/move", {}),
        ("POST", "/prompts/{id}/move", {"idx": 0}),
        ("POST", "/prompts/{id}/move", {"idx": 1.5}),
        ("PUT", "/placeholders", {}),
        ("PUT", "/placeholders", {"placeholders": []}),
        ("POST", "/prompts/preview", {"prompt": "a", "times": 51}),
    ],
)
async def test_wrong_bodies_are_bad_requests(api: Api, method: str, path: str, body: dict[str, Any]) -> None:
    prompt_id = (await api.get("/prompts")).json["prompts"][0]["id"]
    answer = await api.ask(method, path.format(id=prompt_id), json=body)
    assert answer.error == (400, "BadRequest")
    assert answer.mistakes


async def test_what_left_for_a_frames_prompt_comes_back(api: Api) -> None:
    for number in range(9):
        await api.post("/prompts", {"prompt": f"prompt {number}"})
    await api.server.prompts.add("of a frame", frame=FRAME)
    listed = (await api.get("/prompts")).json
    assert [entry["frame"] for entry in listed["prompts"]] == [None] * 9 + [FRAME]
    (left,) = listed["replaced"]
    assert (left["prompt"], left["frame"], left["left_for"]) == ("test", None, FRAME)

    back = (await api.post(f"/prompts/{left['id']}/restore")).json

    assert (back["prompt"]["prompt"], back["prompt"]["frame"]) == ("test", None)
    assert [entry["prompt"] for entry in back["removed"]] == ["of a frame"]
    assert (await api.post(f"/prompts/{left['id']}/restore")).error == (404, "NotFound")
