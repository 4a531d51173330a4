"""Geometry, sketched by the real library."""

import sys
from collections.abc import Iterator

import pytest

from gotwatch.render import geometry
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.studio.process import Studio
from tests.blocks import drawing

pytest.importorskip("tikra")

TRIANGLE = r"\draw[thick] (0,0) -- (4,0) -- (1.5,2.6) -- cycle;"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.close()


def drawn(studio: Studio, *statements: str) -> Drawn:
    result = geometry.draw(drawing(*statements), studio, id_prefix="t1-")
    assert isinstance(result, Drawn)
    return result


def reason(studio: Studio, *statements: str) -> str:
    result = geometry.draw(drawing(*statements), studio, id_prefix="t1-")
    assert isinstance(result, Undrawn)
    return result.reason


def test_a_figure_is_drawn_and_described_in_words(studio: Studio) -> None:
    result = drawn(studio, TRIANGLE, r"\node[below left] at (0,0) {$A$};")

    assert result.svg.startswith("<svg")
    assert "Text in the figure: A" in result.svg
    assert 'id="t1-' in result.svg
    assert result.notes == ()


def test_the_same_figure_is_the_same_picture(studio: Studio) -> None:
    assert drawn(studio, TRIANGLE) == drawn(studio, TRIANGLE)


def test_chinese_words_are_text_in_the_figure(studio: Studio) -> None:
    result = drawn(studio, TRIANGLE, r"\node at (2,-0.4) {底边，长3};")

    assert [sign for sign in "底边，长" if f">{sign}</text>" in result.svg] == list("底边，长")
    assert result.notes == ()


@pytest.mark.parametrize(
    ("written", "narrow"),
    [
        (r"\draw (0，0) -- (1。5,2)。", r"\draw (0,0) -- (1.5,2);"),
        (r"\node at （1，2） {$A$}；", r"\node at (1,2) {$A$};"),
        (r"\node at (1,2) {底边，高};", r"\node at (1,2) {底边，高};"),
    ],
)
def test_chinese_punctuation_is_read_as_what_tikz_has_for_it(written: str, narrow: str) -> None:
    assert geometry.narrowed(written) == narrow


def test_what_is_not_understood_is_told(studio: Studio) -> None:
    result = drawn(studio, TRIANGLE, r"\draw (0,0) .. controls;")

    assert len(result.notes) == 1
    assert result.notes[0].startswith("Not all of it is drawn: ")


def test_a_figure_with_nothing_in_it_is_not_drawn(studio: Studio) -> None:
    assert reason(studio) == "This drawing is not drawn: there is nothing in it."


@pytest.mark.parametrize(
    "statement",
    [
        "{" * 20_000,
        r"\foreach \x in {0,...,99999} \foreach \y in {0,...,99999} \draw (\x,\y) circle (1);",
        r"\draw[step=0.0001] (0,0) grid (1000,1000);",
        r"\input{/etc/passwd}",
        r"\def\a{\a\a}\a",
    ],
)
def test_a_hostile_figure_ends_soon(statement: str, studio: Studio) -> None:
    assert reason(studio, statement).startswith("This drawing is not drawn: ")


def test_a_very_long_figure_is_not_drawn(studio: Studio) -> None:
    assert reason(studio, TRIANGLE * 2_000) == "This drawing is too long to be drawn."


def test_text_in_a_figure_cannot_break_out(studio: Studio) -> None:
    result = drawn(
        studio,
        r"\node at (0,0) {</title><script>alert(1)</script>};",
        r"\node at (0,1) {\href{javascript:alert(2)}{x}};",
        r"\node at (0,2) {\includegraphics{https://evil.example/a.png}};",
    )

    assert "<script" not in result.svg
    assert 'href="javascript' not in result.svg
    assert "<image" not in result.svg


def test_without_the_library_the_person_is_told_what_to_install(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tikra", None)

    assert reason(studio, TRIANGLE) == "Geometry is drawn where the Python package tikra is installed."
