"""An engine's way through a set of pages, and the figures that come of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gotwatch.documents import Finish, Mode, PageText
from gotwatch.errors import EngineCrashed, GotwatchError, NoDevice, Unreadable, UsageError
from gotwatch.evaluation import board, course, difference, record
from gotwatch.evaluation.course import Course
from gotwatch.evaluation.difference import Run
from gotwatch.evaluation.truth import Truth
from tests.read_documents import page

TABLE = "\\begin{tabular}{ll}\na & b \\\\\n\\end{tabular}"


def truth(name: str, *pages: str, mode: Mode = Mode.PLAIN) -> Truth:
    return Truth(name, Path(name), pages, mode)


def run(answers: dict[str, Sequence[PageText] | GotwatchError], *truths: Truth, asked: Mode = Mode.PLAIN) -> Course:
    def read(path: Path) -> Sequence[PageText]:
        answer = answers[path.name]
        if isinstance(answer, GotwatchError):
            raise answer
        return answer

    return course.run("got", truths, read, asked=asked, on_file=lambda _: None)


def test_each_page_is_held_against_its_own_text() -> None:
    pages = [page(1, "one"), page(2, "three")]

    done = run({"a.pdf": pages}, truth("a.pdf", "one", "two"))

    assert [score.place.title for score in done.scores] == ["a.pdf, page 1", "a.pdf, page 2"]
    assert [score.edits for score in done.scores] == [0, 4]
    assert (done.summary.flawless, done.summary.pages) == (1, 2)
    assert done.summary.character_errors == 4 / 6


def test_pages_that_were_read_in_one_go_are_held_against_their_text_together() -> None:
    both = replace(page(1, "one\n\ntwo"), count=2)

    done = run({"a.pdf": [both]}, truth("a.pdf", "one", "two"))

    assert done.scores[0].edits == 0
    assert done.summary.pages == 2


def test_a_file_that_cannot_be_read_is_wrong_on_every_page_and_the_others_go_on() -> None:
    answers = {"a.pdf": EngineCrashed("It crashed."), "b.png": [page(1, "text")]}

    done = run(answers, truth("a.pdf", "one", "two"), truth("b.png", "text"))

    assert [score.error for score in done.scores] == ["It crashed.", "It crashed.", ""]
    assert [score.fair.edit_distance for score in done.scores] == [1, 1, 0]
    assert (done.summary.failed, done.summary.left_out) == (2, 2)
    assert done.summary.paper is not None
    assert done.summary.paper.edit_distance == 0


@pytest.mark.parametrize("error", [NoDevice("No GPU."), UsageError("No such thing.")])
def test_what_is_wrong_with_the_engine_ends_it(error: GotwatchError) -> None:
    with pytest.raises(type(error)):
        run({"a.png": error}, truth("a.png", "text"))


def test_text_for_another_number_of_pages_is_refused() -> None:
    with pytest.raises(UsageError, match=r"a\.pdf has 1 pages, and text for 2"):
        run({"a.pdf": [page(1, "one")]}, truth("a.pdf", "one", "two"))


def test_a_blank_page_takes_no_time_and_the_others_the_mean() -> None:
    pages = [page(1, "", finish=Finish.BLANK), replace(page(2, "a"), seconds=2.0), replace(page(3, "b"), seconds=4.0)]

    done = run({"a.pdf": pages}, truth("a.pdf", "", "a", "b"))

    assert done.summary.seconds == 3.0
    assert done.summary.flawless == 3


def test_truth_with_markup_is_held_against_plain_text_by_what_a_person_sees() -> None:
    done = run({"a.png": [page(1, "Two\na  b")]}, truth("a.png", f"\\section*{{Two}}\n{TABLE}", mode=Mode.FORMAT))

    assert done.summary.flawless == 1
    assert done.summary.fair_text is None


def test_markup_is_compared_as_it_is_by_the_paper_and_by_its_meaning_fairly() -> None:
    printed, read = f"{TABLE}\n\\(x^2\\)", f"{TABLE.replace('{ll}', '{|c|c|}')}\n\\( x ^ 2 \\)"

    done = run({"a.png": [page(1, read)]}, truth("a.png", printed), asked=Mode.FORMAT)

    assert done.summary.paper is not None
    assert done.summary.paper.edit_distance > 0
    assert (done.summary.fair_formulas, done.summary.fair_tables) == (0, 0)
    assert (done.summary.formula_pages, done.summary.table_pages) == (1, 1)


def test_the_board_has_both_ways_beside_each_other_and_leaves_rows_without_figures_out() -> None:
    done = run({"a.png": [page(1, "text")]}, truth("a.png", "test"))

    lines = "\n".join(board.lines([done, replace(done, engine="tests.engines:VeryLongNamedEngine")])).splitlines()

    assert lines[0].endswith("got   VeryLongNamedEngine")
    assert lines[1].split() == ["fair", "paper"] * 2
    assert lines[2].split() == ["edit", "distance", *["0.250"] * 4]
    assert not any("formulas" in line or "answer" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_the_record_has_every_page_with_both_texts() -> None:
    done = run({"a.png": Unreadable("Damaged.")}, truth("a.png", "text"))

    described = record.record([done], {"folder": "pages"})

    engine = described["engines"][0]
    assert (described["folder"], engine["engine"], engine["failed"]) == ("pages", "got", 1)
    assert engine["fair"]["character_error_rate"] == 1
    assert engine["paper"]["left_out"] == 1
    assert [(one["file"], one["error"], one["printed"]) for one in engine["per_page"]] == [
        ("a.png", "Damaged.", "text")
    ]
    assert "WordNet" in described["notes"][0]


# Differences


def test_differences_are_marked_word_by_word_on_both_sides() -> None:
    sides = difference.sides("the old cat\nsat", "the cat sat down")

    assert sides.left == (Run("the ", same=True), Run("old", same=False), Run(" cat\nsat", same=True))
    assert sides.right == (Run("the cat sat", same=True), Run(" down", same=False))


def test_a_space_that_only_one_side_has_is_marked() -> None:
    sides = difference.sides("at 50 % or more", "at 50% or\nmore")

    assert sides.left == (Run("at 50", same=True), Run(" ", same=False), Run("% or more", same=True))
    assert sides.right == (Run("at 50% or\nmore", same=True),)


def test_differences_in_chinese_are_marked_sign_by_sign() -> None:
    sides = difference.sides("下周一开会。", "下周二开会")

    assert sides.left == (
        Run("下周", same=True),
        Run("一", same=False),
        Run("开会", same=True),
        Run("。", same=False),
    )


def test_of_a_very_long_page_the_end_is_marked_whole() -> None:
    words = "word " * 10_000

    sides = difference.sides(words, words)

    assert [run.same for run in sides.left] == [True, False]
    assert "".join(run.text for run in sides.left) == words.strip()
