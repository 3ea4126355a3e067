from io import BytesIO

import pytest

from imageserver.exceptions import PictureError
from imageserver.imaging.jpeg_structure import MAX_SCANS, MAX_SEGMENTS, obstacle, read_structure, without_exif
from imageserver.models import Size
from tests import pictures


def changed(jpeg: bytes, old: bytes, new: bytes) -> bytes:
    assert old in jpeg
    return jpeg.replace(old, new, 1)


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("restart_rows", [0, 1])
def test_a_frame_can_show_baseline_pictures_of_the_three_samplings(sampling: str, restart_rows: int) -> None:
    jpeg = pictures.jpeg(sampling=sampling, restart_rows=restart_rows)
    assert obstacle(read_structure(jpeg)) is None


NOT_FOR_FRAMES = {
    "progressive": (pictures.jpeg(progressive=True), "not baseline"),
    "arithmetic": (pictures.with_arithmetic_marker(pictures.jpeg()), "not baseline"),
    "12 bit": (changed(pictures.jpeg(), b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"), "not 8 bit"),
    "gray": (pictures.gray_jpeg(), "not three components"),
    "CMYK": (pictures.cmyk_jpeg(), "not three components"),
    "RGB": (pictures.rgb_jpeg(), "not YCbCr"),
    "4:1:1": (changed(pictures.jpeg(), b"\x01\x11\x00\x02", b"\x01\x41\x00\x02"), "a sampling"),
    "4:4:0": (changed(pictures.jpeg(), b"\x01\x11\x00\x02", b"\x01\x12\x00\x02"), "a sampling"),
    "separate scans": (pictures.separate_scans_jpeg(), "more than one scan"),
    "16 bit tables": (pictures.with_wide_tables(pictures.jpeg()), "quantization tables of 16 bit"),
    "fill bytes": (pictures.with_fill_bytes(pictures.jpeg()), "fill bytes"),
    "long segment": (pictures.with_long_segment(pictures.jpeg()), "too long"),
    "lone marker": (b"\xff\xd8\xff\x01" + pictures.jpeg()[2:], "fill bytes"),
    "empty comment": (b"\xff\xd8\xff\xfe\0\2" + pictures.jpeg()[2:], "an empty segment"),
    "no end marker": (pictures.without_end_marker(pictures.jpeg()), "no end marker"),
    "other Huffman table": (
        changed(pictures.jpeg(), b"\x03\x01\x00\x02\x11", b"\x03\x01\x11\x02\x11"),
        "an unusual one",
    ),
    "table left out": (
        changed(pictures.jpeg(), b"\x02\x11\x01\x03", b"\x02\x11\x02\x03"),
        "a missing quantization table",
    ),
}


@pytest.mark.parametrize("name", NOT_FOR_FRAMES)
def test_what_the_frames_decoder_refuses_is_named(name: str) -> None:
    jpeg, reason = NOT_FOR_FRAMES[name]
    assert reason in str(obstacle(read_structure(jpeg)))


def test_a_third_quantization_table_is_too_much_for_the_frame() -> None:
    output = BytesIO()
    pictures.photo().save(
        output, "JPEG", qtables=[[number] * 64 for number in (2, 3, 4)], subsampling="4:4:4"
    )
    assert obstacle(read_structure(output.getvalue())) == "too many quantization tables"


def test_a_huffman_table_with_more_symbols_than_the_standard_ones_is_too_much_for_the_frame() -> None:
    jpeg = pictures.jpeg()
    large = b"\xff\xc4\0\xc3\x10" + bytes((0,) * 15 + (176,)) + bytes(range(176))
    assert obstacle(read_structure(jpeg[:2] + large + jpeg[2:])) == "an unusual Huffman table"


def test_a_doubled_huffman_table_is_too_much_for_the_frame() -> None:
    jpeg = pictures.jpeg()
    start = jpeg.index(b"\xff\xc4")
    end = start + 2 + int.from_bytes(jpeg[start + 2 : start + 4])
    doubled = jpeg[:start] + jpeg[start:end] * 2 + jpeg[end:]
    assert "Huffman" in str(obstacle(read_structure(doubled)))


def test_adobes_word_counts_only_where_jfif_says_nothing() -> None:
    jpeg = pictures.jpeg()
    jfif = jpeg[2 : 4 + int.from_bytes(jpeg[4:6])]
    assert jfif[4:8] == b"JFIF"
    says_rgb, says_ycbcr = (b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + transform for transform in (b"\0", b"\1"))
    rest = jpeg[2 + len(jfif) :]
    assert obstacle(read_structure(b"\xff\xd8" + jfif + says_rgb + rest)) is None
    assert obstacle(read_structure(b"\xff\xd8" + says_ycbcr + rest)) is None
    assert obstacle(read_structure(b"\xff\xd8" + says_rgb + rest)) == "not YCbCr"
    assert obstacle(read_structure(b"\xff\xd8\xff\xee\0\x09Adobe\0\0" + rest)) is None


def test_what_follows_the_end_is_left_alone() -> None:
    structure = read_structure(pictures.jpeg() + b"\xff\xff\xff\xda garbage")
    assert structure.end == len(pictures.jpeg()) - 2
    assert obstacle(structure) is None


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5, 30, 200, 600])
def test_a_jpeg_cut_in_its_head_is_refused(length: int) -> None:
    with pytest.raises(PictureError):
        read_structure(pictures.jpeg()[:length])


def test_size_and_passes_are_read_from_the_head() -> None:
    structure = read_structure(pictures.cut(pictures.jpeg(300, 200, progressive=True)))
    assert (structure.size, structure.pixels, structure.end) == (Size(300, 200), 60_000, None)
    assert structure.passes > 1
    assert read_structure(pictures.jpeg()).passes == 1


def test_more_segments_or_passes_than_any_writer_makes_are_refused() -> None:
    jpeg = pictures.jpeg()
    scan = b"\xff\xda\0\x02"
    for flood in (b"\xff\xe5\0\x02" * (MAX_SEGMENTS + 1), scan * (MAX_SCANS + 1)):
        with pytest.raises(PictureError, match="over"):
            read_structure(jpeg[:2] + flood + jpeg[2:])


def test_the_cameras_notes_can_be_left_out() -> None:
    plain, noted = pictures.jpeg(), pictures.jpeg(orientation=6)
    assert len(noted) > len(plain)
    assert without_exif(noted, read_structure(noted)) == plain
    assert without_exif(plain, read_structure(plain)) == plain
