"""Music as models write it: what is repaired, and that good music is left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.render.scores.repair import repair
from tests.blocks import WALTZ


def lines(kern: str) -> list[list[str]]:
    return [line.split("\t") for line in kern.splitlines()]


def piano(*rest: str) -> str:
    return "\n".join(["**kern\t**kern", "*clefF4\t*clefG2", "=1\t=1", *rest, "*-\t*-", ""])


def test_well_formed_music_comes_back_as_it_is() -> None:
    repaired = repair(WALTZ)

    assert repaired.kern == WALTZ
    assert repaired.notes == ()


@pytest.mark.parametrize("blanks", ["  ", " "])
def test_lost_tabs_are_found_again(blanks: str) -> None:
    repaired = repair(WALTZ.replace("\t", blanks))

    assert repaired.kern == WALTZ
    assert repaired.notes == ("The columns were not parted by tabs: they were told apart by what stands in them.",)


def test_a_chord_that_fell_apart_is_joined_again() -> None:
    repaired = repair(piano("4C\t4c\t4e\t4g"))

    assert ["4C", "4c 4e 4g"] in lines(repaired.kern)


def test_notes_of_two_lengths_are_never_one_chord() -> None:
    repaired = repair(piano("4C 8c 8e").replace("\t", " "))

    assert ["4C", "8c 8e"] in lines(repaired.kern)


def test_a_line_that_is_too_short_is_filled_up() -> None:
    repaired = repair(piano("4C", "\t4c"))

    assert lines(repaired.kern)[3:5] == [["4C", "."], [".", "4c"]]
    assert "2 lines had too many or too few columns" in repaired.notes[0]


def test_music_without_an_end_gets_one() -> None:
    repaired = repair(WALTZ[: WALTZ.index("*v")])

    assert lines(repaired.kern)[-1] == ["*-", "*-", "*-"], "a voice was still split"
    assert repaired.notes == ("The end is missing: this is the music as far as it was read.",)


def test_an_end_in_the_middle_is_moved_to_the_end() -> None:
    repaired = repair(piano("4C\t4c", "*-\t*-", "4D\t4d"))

    assert lines(repaired.kern)[-2:] == [["4D", "4d"], ["*-", "*-"]]


def test_comments_behind_the_end_stay_there() -> None:
    kern = f"{WALTZ}!!!ENC: Anon\n"

    assert repair(kern).kern == kern


def test_voices_that_join_without_a_mark_are_joined_at_the_next_bar() -> None:
    repaired = repair(piano("*^\t*", "4C\t4E\t4c", "=2\t=2", "4D\t4d"))

    assert ["*v", "*v", "*"] in lines(repaired.kern)
    assert ["4D", "4d"] in lines(repaired.kern)


def test_a_voice_that_splits_without_a_mark_is_the_one_that_joins_later() -> None:
    repaired = repair(piano("=2\t=2\t=2", "4C\t4E\t4c", "*v\t*v\t*"))

    assert ["*^", "*"] in lines(repaired.kern)
    assert ["4C", "4E", "4c"] in lines(repaired.kern)


def test_staffs_that_join_their_voices_at_once_do_so_one_after_the_other() -> None:
    repaired = repair(piano("*^\t*^", "4C\t4E\t4c\t4e", "*v\t*v\t*v\t*v", "4D\t4d"))

    assert lines(repaired.kern)[5:8] == [["*v", "*v", "*", "*"], ["*", "*v", "*v"], ["4D", "4d"]]


@pytest.mark.parametrize(
    ("written", "mended"),
    [("4zz", "4ryy"), ("garbage", "."), ("4c**", "4c"), ("ee-", "4ee-"), ("**16b-LL", "16b-"), ("4c 4r", "4c")],
)
def test_a_sign_that_is_no_note_becomes_the_nearest_one_or_a_gap(written: str, mended: str) -> None:
    repaired = repair(piano(f"{written}\t4c"))

    assert [mended, "4c"] in lines(repaired.kern)
    assert repaired.notes[-1].startswith("1 sign could not be understood")


def test_a_note_without_a_length_is_as_long_as_the_one_before() -> None:
    repaired = repair(piano("8.C\t4c", "D\t4c"))

    assert ["8.D", "4c"] in lines(repaired.kern)


@pytest.mark.parametrize("sign", ["*M4/0", "*k[x]", "*clefZ9", "*staff99", "**kern", "*x"])
def test_a_clef_key_or_meter_that_cannot_be_is_left_out(sign: str) -> None:
    repaired = repair(piano(f"{sign}\t*", "4C\t4c") if sign != "**kern" else piano(f"*\t{sign}", "4C\t4c"))

    assert ["*", "*"] in lines(repaired.kern)


def test_columns_that_hold_no_notes_are_left_alone() -> None:
    kern = "**kern\t**dynam\n4c\tmf cresc.\n*-\t*-\n"

    assert repair(kern).kern == kern


def test_a_misspelt_name_is_taken_for_notes() -> None:
    repaired = repair(WALTZ.replace("**kern\t**kern", "**kern\t**kerm"))

    assert repaired.kern == WALTZ


def test_voices_that_the_beginning_forgot_are_counted() -> None:
    repaired = repair(WALTZ.replace("**kern\t**kern", "**kern"))

    assert repaired.kern == WALTZ
    assert repaired.notes == ("There are not as many voices as the beginning says.",)


@pytest.mark.parametrize("text", ["", "\n\n", "!!!OTL: Nothing", "**kern\t**kern", "**kern\n=1\n*-\n"])
def test_text_without_a_note_is_no_music(text: str) -> None:
    assert repair(text).kern == ""


@pytest.mark.parametrize(
    "line", ["L" * 20_000 + "%", "(" * 20_000, "4" * 20_000, "=\t=\t=\n4c\t4d\t4e\n=\t=\n4c\t4d\n" * 5_000]
)
def test_hostile_music_takes_no_longer_than_other_music(line: str) -> None:
    """The patterns of a note once took a minute for a long sign; so did looking ahead at every bar."""
    assert repair(piano("4C\t4c", f"{line}\t4d")).kern


@given(st.lists(st.text("0123456789abcdefgABCDEFGr#-n.\t *^v=[]!", max_size=20), max_size=30))
def test_every_line_has_as_many_columns_as_there_are_voices(written: list[str]) -> None:
    """An engraver aborts where it has not."""
    kern = repair("\n".join(["**kern\t**kern", "4c\t4e", *written])).kern

    count = len(lines(kern)[0])
    for signs in lines(kern):
        if not signs[0].startswith("!!"):
            assert len(signs) == count
            count += signs.count("*^") - sum(pair == ("*v", "*v") for pair in pairwise(signs))
