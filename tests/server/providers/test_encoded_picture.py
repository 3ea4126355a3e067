from __future__ import annotations

import base64

import pytest

from imageserver.exceptions import BadAnswerError
from imageserver.providers.encoded_picture import decode_picture

ENCODED = base64.b64encode(b"a picture").decode()


@pytest.mark.parametrize(
    "value",
    [
        ENCODED,
        f" {ENCODED}\r\n",
        "\n".join(ENCODED),
        f"data:image/png;base64,{ENCODED}",
        f" data:image/jpeg;base64, {ENCODED}",
    ],
)
def test_blank_space_and_a_data_prefix_are_no_mistake(value: str) -> None:
    assert decode_picture(value, provider="It") == b"a picture"


@pytest.mark.parametrize("value", [None, 5, [], "", "  ", "data:image/png;base64,", "data:image/png"])
def test_nothing_is_no_picture(value: object) -> None:
    with pytest.raises(BadAnswerError, match="It answered without a picture"):
        decode_picture(value, provider="It")  # type: ignore[arg-type]  # a tuple is never in JSON


@pytest.mark.parametrize("value", [ENCODED[:-1], ENCODED[:-3], "*" + ENCODED[1:], "картинка", f"{ENCODED}="])
def test_cut_or_broken_base64_is_refused(value: str) -> None:
    with pytest.raises(BadAnswerError, match="cut or broken"):
        decode_picture(value, provider="It")
