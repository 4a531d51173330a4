"""Scores, engraved by the real engraver."""

import re
import sys
from collections.abc import Iterator

import pytest

from gotwatch.render import music
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.studio.process import Studio
from tests.blocks import WALTZ, score

pytest.importorskip("verovio")

BAR = "4C\t8a 8ccL\n.\t8ddJ\n4A 4c\t4cc\n4A 4c\t4f\n=\t=\n"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.close()


def drawn(kern: str, studio: Studio, *, with_midi: bool = False) -> Drawn:
    result = music.draw(score(kern), studio, id_prefix="m1-", with_midi=with_midi)
    assert isinstance(result, Drawn)
    return result


def long_waltz(bars: int) -> str:
    begin, bar = WALTZ.index("*^"), WALTZ.index("==")
    return WALTZ[:begin] + BAR * bars + WALTZ[bar:]


def test_a_score_is_drawn_with_its_title_and_composer(studio: Studio) -> None:
    result = drawn(WALTZ, studio)

    assert result.svg.startswith("<svg")
    assert 'aria-label="Music, page 1 of 1"' in result.svg
    assert result.caption == "Little Waltz (Anon)"
    assert result.notes == ()


def test_a_long_score_has_all_its_pages(studio: Studio) -> None:
    result = drawn(long_waltz(80), studio)

    pages = re.findall(r'aria-label="Music, page (\d) of (\d)"', result.svg)
    assert len(pages) > 1
    assert pages == [(str(number), str(len(pages))) for number in range(1, len(pages) + 1)]


def test_every_glyph_that_is_used_is_there_once(studio: Studio) -> None:
    result = drawn(long_waltz(80), studio)

    names = re.findall(r' id="([^"]*)"', result.svg)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]*)"', result.svg)) == set(names)
    assert all(name.startswith("m1-") for name in names)


def test_the_same_score_is_the_same_picture(studio: Studio) -> None:
    assert drawn(WALTZ, studio) == drawn(WALTZ, studio)


def test_nothing_of_a_style_sheet_is_needed(studio: Studio) -> None:
    svg = drawn(WALTZ, studio).svg

    assert "<style" not in svg
    assert "class=" not in svg
    assert 'stroke="#000"' in svg


def test_the_note_of_a_tempo_mark_needs_no_font_for_music(studio: Studio) -> None:
    kern = "**kern\n!LO:TX:a:t=[quarter]=120\n*M4/4\n*MM120\n=1\n!LO:TX:a:t=[quarter]=120\n4c\n4d\n*-\n"

    svg = drawn(kern, studio).svg

    assert "\u2669" in svg
    assert not re.search("[\ue000-\uf8ff]", svg)


def test_midi_comes_when_it_is_wanted(studio: Studio) -> None:
    assert drawn(WALTZ, studio).midi == b""
    assert drawn(WALTZ, studio, with_midi=True).midi.startswith(b"MThd")


def test_music_that_is_too_long_to_hear_is_drawn_all_the_same(studio: Studio) -> None:
    result = music.draw(score(), studio, id_prefix="", with_midi=True, most_midi_bytes=100)

    assert isinstance(result, Drawn)
    assert (result.svg[:4], result.midi) == ("<svg", b"")
    assert result.notes == ("There is no MIDI file of this music: it would be too large.",)


def test_ragged_music_is_drawn_and_its_repair_told(studio: Studio) -> None:
    result = drawn(WALTZ[:-30].replace("\t", " "), studio)

    assert "<use" in result.svg
    assert any("tabs" in note for note in result.notes)


def test_text_in_a_score_cannot_break_out(studio: Studio) -> None:
    kern = '**kern\n*I"<script>alert(1)</script>\n!LO:TX:a:t=<img src=x onerror=alert(2)>\n4c\n*-\n'

    svg = drawn(kern, studio).svg

    assert "<script" not in svg
    assert "<img" not in svg


@pytest.mark.parametrize("kern", ["", "!!!OTL: Nothing", "**kern\n=1\n*-\n"])
def test_text_without_notes_is_not_drawn(kern: str, studio: Studio) -> None:
    assert music.draw(score(kern), studio, id_prefix="") == Undrawn("This music is not drawn: no note was found in it.")


def test_without_the_engraver_the_person_is_told_what_to_install(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "verovio", None)

    result = music.draw(score(), studio, id_prefix="")

    assert result == Undrawn("Music is drawn where the Python package verovio is installed.")
