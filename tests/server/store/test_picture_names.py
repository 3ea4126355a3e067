import pytest

from imageserver.store.picture_names import is_picture_name, is_text, original_name, scaled_name, stem_of


@pytest.mark.parametrize("name", ["f1.jpeg", "f1.jpg", "F1.JPG", "кот.Jpeg", "a.b.jpeg", "-orig.jpg"])
def test_a_jpeg_in_any_spelling_is_a_picture(name: str) -> None:
    assert is_picture_name(name)


@pytest.mark.parametrize(
    "name", ["f1.png", "jpeg", "f1.jpeg.part", ".f1.jpeg", ".jpeg", ".writing-1.jpeg", ""]
)
def test_anything_else_is_not(name: str) -> None:
    assert not is_picture_name(name)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("f1.jpeg", "f1"),
        ("f1-orig.jpeg", "f1"),
        ("f1-orig.JPG", "f1"),
        ("f1-original.jpg", "f1-original"),
        ("my.cat.jpg", "my.cat"),
        ("-orig.jpeg", "-orig"),
    ],
)
def test_files_of_one_picture_share_a_stem(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def test_the_servers_own_names_belong_together() -> None:
    assert (scaled_name("g-1"), original_name("g-1")) == ("g-1.jpeg", "g-1-orig.jpeg")
    assert stem_of(scaled_name("g-1")) == stem_of(original_name("g-1")) == "g-1"


def test_a_name_in_an_old_encoding_is_no_text() -> None:
    assert is_text("кот.jpg")
    assert not is_text(b"\xea\xee\xf2.jpg".decode("utf-8", "surrogateescape"))
