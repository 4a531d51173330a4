# ruff: noqa: RUF001 - formulas have characters that look alike
import re
import struct
import zlib

import pytest
import uharfbuzz

from gotwatch.render.formulas.glyphs import glyphs_of
from gotwatch.render.mathfont import MathFont


@pytest.fixture(scope="module")
def font() -> MathFont:
    return MathFont()


def opened(woff: bytes) -> uharfbuzz.Face:
    """The font inside, put together again as a browser does."""
    flavor, count = struct.unpack_from(">4xI4xH", woff)[0], struct.unpack_from(">H", woff, 12)[0]
    directory, body, offset = b"", b"", 12 + 16 * count
    for number in range(count):
        tag, start, packed, length, checksum = struct.unpack_from(">4sIIII", woff, 44 + 20 * number)
        table = woff[start : start + packed]
        table = zlib.decompress(table) if packed < length else table
        directory += struct.pack(">4sIII", tag, checksum, offset + len(body), length)
        body += table + bytes(-length % 4)
    header = struct.pack(">IHHHH", flavor, count, 0, 0, 0)
    return uharfbuzz.Face(uharfbuzz.Blob(header + directory + body))


def characters(face: uharfbuzz.Face) -> set[str]:
    return set(map(chr, face.unicodes))


def test_the_subset_has_what_was_asked_for(font: MathFont) -> None:
    wanted = set("x2+()∑≤")

    assert wanted <= characters(opened(font.subset(wanted)))


def test_the_root_is_there_although_no_text_holds_it(font: MathFont) -> None:
    """A subset of the text alone showed 2√5x as 25x."""
    assert "√" in characters(opened(font.subset("x")))


def test_what_stretches_has_its_pieces(font: MathFont) -> None:
    with_brackets, without = opened(font.subset("x(")), opened(font.subset("x"))

    assert with_brackets.glyph_count > without.glyph_count + len("(")
    assert "MATH" in with_brackets.table_tags


def test_characters_of_other_fonts_are_left_out(font: MathFont) -> None:
    assert "中" not in characters(opened(font.subset("x中\ud800\U0010ffff")))


def test_the_header_tells_the_truth(font: MathFont) -> None:
    woff = font.subset("abc")

    signature, _, length, tables, _, unpacked = struct.unpack_from(">4s4sIHHI", woff)

    assert (signature, length) == (b"wOFF", len(woff))
    assert len(opened(woff).table_tags) == tables
    assert unpacked % 4 == 0


def test_the_same_characters_give_the_same_bytes(font: MathFont) -> None:
    assert font.subset("abc") == MathFont().subset("cba")


def test_a_page_needs_a_small_part_of_the_font(font: MathFont) -> None:
    assert len(font.css("x2+=()√")) < 20_000


def test_the_style_asks_no_one_for_anything(font: MathFont) -> None:
    css = font.css("x")

    addresses = re.findall(r"url\((.{5})", css)
    assert addresses == ["data:"]
    assert "@import" not in css
    assert "http" not in css
    assert 'font-family:"gotwatch math"' in css


@pytest.mark.parametrize(
    ("mathml", "drawn"),
    [
        ("<math><mi>x</mi></math>", "x𝑥"),
        ("<math><mi>h</mi><mi>α</mi></math>", "hℎα𝛼"),
        ('<math><mi mathvariant="normal">d</mi></math>', "d"),
        ("<math><mi>sin</mi></math>", "sin"),
        ("<math><mo>&lt;</mo><mtext>a&amp;b</mtext></math>", "<a&b"),
        ('<math><mspace width="1em"></mspace></math>', ""),
    ],
)
def test_a_lone_letter_is_drawn_slanted(mathml: str, drawn: str) -> None:
    assert glyphs_of(mathml) == set(drawn)
