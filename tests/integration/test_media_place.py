"""Media content ids are read as strictly as they are written."""

from __future__ import annotations

import pytest

from custom_components.aiframes.media_place import Folder, Place, media_content_id

SERVER = "0123456789abcdef"


@pytest.mark.parametrize(
    ("identifier", "place"),
    [
        (SERVER, Place(server=SERVER)),
        (f"{SERVER}/17", Place(server=SERVER, picture="17")),
        (f"{SERVER}/all", Place(server=SERVER, folder=Folder.ALL)),
        (f"{SERVER}/favourites/2", Place(server=SERVER, folder=Folder.FAVOURITES, page=2)),
        (f"{SERVER}/archive", Place(server=SERVER, folder=Folder.ARCHIVE)),
        (f"{SERVER}/by/ydArt", Place(server=SERVER, folder=Folder.PROVIDER, provider="ydArt")),
        (
            f"{SERVER}/by/my%2Fown%20one/12",
            Place(server=SERVER, folder=Folder.PROVIDER, provider="my/own one", page=12),
        ),
    ],
)
def test_a_place_is_read_as_it_is_written(identifier: str, place: Place) -> None:
    assert Place.parse(identifier) == place
    assert place.identifier == identifier


@pytest.mark.parametrize(
    "rest",
    ["0", "01", "-1", "1.0", "²", "9" * 19, "", "everything", "all/0", "all/x", "all/1/2", "by", "17/1"],
)
def test_what_nobody_wrote_is_no_place(rest: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Place.parse(f"{SERVER}/{rest}")


def test_a_picture_has_one_id_for_everybody() -> None:
    assert media_content_id(SERVER, "17") == f"media-source://aiframes/{SERVER}/17"
