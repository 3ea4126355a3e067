from io import BytesIO

import pytest
from PIL import Image, ImageFont

from imageserver.imaging import card as cards
from imageserver.imaging.card import draw_card
from imageserver.imaging.jpeg_structure import obstacle, read_structure
from imageserver.models import Card, Size
from imageserver.settings import FrameImage

SIZES = [Size(320, 480), Size(480, 320), Size(800, 480), Size(240, 240), Size(1200, 1600), Size(64, 96)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("card", Card)
def test_every_card_is_drawn_for_every_screen(card: Card, size: Size) -> None:
    structure = read_structure(draw_card(card, FrameImage(size=size)))
    assert structure.size == size
    assert obstacle(structure) is None


def test_every_card_looks_different() -> None:
    assert len({draw_card(card, FrameImage()) for card in Card}) == len(Card)


def test_a_card_is_the_same_each_time() -> None:
    assert draw_card(Card.NO_PICTURES, FrameImage()) == draw_card(Card.NO_PICTURES, FrameImage())


@pytest.mark.parametrize("card", Card)
def test_the_fonts_hold_every_letter_of_every_card(card: Card) -> None:
    design = cards._DESIGNS[card]
    for message in (design.english, design.russian):
        for text, path in ((message.title, cards._TITLE_FONT), (message.text, cards._TEXT_FONT)):
            font = ImageFont.truetype(path, 20)
            unknown = bytes(font.getmask("\uffff"))
            assert all(bytes(font.getmask(letter)) != unknown for letter in text if letter != " ")


@pytest.mark.parametrize("card", Card)
def test_titles_and_texts_are_large_enough_to_be_read_at_arms_length(card: Card) -> None:
    """Letters of 17 pixels are 2.6 mm on a screen of 3.5 inches: more than print in a book has."""
    design = cards._DESIGNS[card]
    english, russian, _ = cards._areas(320, 480)
    messages = {english: design.english, russian: design.russian}
    scale = cards._scale(messages)
    for (left, _, right, _), message in messages.items():
        for line in cards._lines(message, right - left, scale):
            assert line.font.size >= 17
            assert line.font.getlength(line.text) <= right - left


@pytest.mark.parametrize("card", Card)
def test_letters_stand_out_from_what_is_behind_them(card: Card) -> None:
    image = Image.open(BytesIO(draw_card(card, FrameImage()))).convert("L")
    darkest, lightest = image.getextrema()
    assert isinstance(darkest, int)
    assert isinstance(lightest, int)
    assert (lightest + 13) / (darkest + 13) > 4.5
