"""Who is sent to the engine when, and who is blamed."""

from concurrent.futures import CancelledError

import pytest

from gotwatch.documents import Prompt
from gotwatch.engine.turns import Turn, Turns
from gotwatch.pixels import SharedPage

NOW = 0.0


def turns_of(count: int) -> tuple[Turns, list[Turn]]:
    turns = Turns()
    pages = [Turn(n, (SharedPage(n, 1, 1, "no-block", False),), Prompt()) for n in range(1, count + 1)]
    for turn in pages:
        turns.add(turn)
    return turns, pages


def sent(turns: Turns, slots: int) -> list[int]:
    numbers = []
    while turn := turns.send(slots, NOW):
        numbers.append(turn.request)
    return numbers


def test_no_more_pages_are_sent_than_the_engine_has_slots() -> None:
    turns, _ = turns_of(5)

    first = sent(turns, 3)
    turns.answered(2)
    then = sent(turns, 3)

    assert (first, then) == ([1, 2, 3], [4])


def turn(number: int, *, urgent: bool = False) -> Turn:
    return Turn(number, (SharedPage(number, 1, 1, "no-block", False),), Prompt(), urgent=urgent)


def test_urgent_pages_go_before_all_that_wait_in_their_own_order() -> None:
    turns, _ = turns_of(3)
    sent(turns, 1)

    turns.add(turn(8, urgent=True))
    turns.add(turn(4))
    turns.add(turn(9, urgent=True))

    turns.answered(1)
    assert turns.waiting == 5
    assert sent(turns, 9) == [8, 9, 2, 3, 4]


def test_suspects_are_tried_before_urgent_pages_so_that_none_of_those_dies_with_them() -> None:
    turns, _ = turns_of(1)
    sent(turns, 1)
    turns.add(turn(8, urgent=True))
    turns.lost()

    first = sent(turns, 2)
    turns.answered(1)

    assert (first, sent(turns, 2)) == ([1], [8])


def test_words_that_nobody_wants_any_more_are_not_said() -> None:
    said: list[str] = []
    page = Turn(1, (), Prompt(), tell=said.append)

    page.say("Inv")
    page.cancel()
    page.say("Invoice")

    assert said == ["Inv"]


def test_pages_that_were_in_flight_at_a_crash_are_tried_one_at_a_time_before_all_others() -> None:
    turns, _ = turns_of(5)
    sent(turns, 2)

    assert turns.lost() is None

    assert sent(turns, 2) == [1]
    turns.answered(1)
    assert sent(turns, 2) == [2]
    turns.answered(2)
    assert sent(turns, 2) == [3, 4]


def test_a_page_that_kills_the_engine_twice_alone_is_given_up_and_no_other() -> None:
    turns, _ = turns_of(3)
    sent(turns, 3)
    turns.lost()
    sent(turns, 3)
    turns.answered(1)

    sent(turns, 3)
    first = turns.lost()
    again = sent(turns, 3)
    second = turns.lost()

    assert first is None
    assert again == [2]
    assert second is not None
    assert second.request == 2
    assert sent(turns, 3) == [3]


def test_a_page_alone_at_the_first_crash_has_its_first_strike() -> None:
    turns, _ = turns_of(1)
    sent(turns, 4)

    first = turns.lost()
    sent(turns, 4)
    second = turns.lost()

    assert first is None
    assert second is not None


def test_a_crash_with_nothing_in_flight_blames_nobody() -> None:
    turns, _ = turns_of(2)

    assert turns.lost() is None

    assert sent(turns, 2) == [1, 2]


def test_a_page_cancelled_while_it_waits_is_never_sent() -> None:
    turns, pages = turns_of(3)
    pages[0].text.cancel()
    pages[1].text.cancel()

    assert sent(turns, 3) == [3]


def test_a_page_cancelled_while_a_suspect_is_not_tried_again() -> None:
    turns, pages = turns_of(2)
    sent(turns, 2)
    pages[0].text.cancel()

    turns.lost()

    assert sent(turns, 2) == [2]


def test_cancelled_pages_are_not_pending() -> None:
    turns, pages = turns_of(2)
    for turn in pages:
        turn.text.cancel()

    assert not turns.pending()


def test_an_answer_for_a_cancelled_page_is_ignored() -> None:
    turns, pages = turns_of(1)
    sent(turns, 1)
    pages[0].text.cancel()

    turns.answered(1).fail(RuntimeError("nobody asked"))

    with pytest.raises(CancelledError):
        pages[0].text.result(timeout=0)


def test_pages_in_flight_that_were_cancelled_are_called_off_once() -> None:
    turns, pages = turns_of(3)
    sent(turns, 2)
    pages[1].text.cancel()
    pages[2].text.cancel()  # waits

    first, second = turns.call_off(), turns.call_off()

    assert [turn.request for turn in first] == [2]
    assert second == []


def test_a_page_that_was_called_off_keeps_its_slot_until_the_engine_lets_go() -> None:
    turns, pages = turns_of(2)
    sent(turns, 1)
    pages[0].text.cancel()
    turns.call_off()

    before = sent(turns, 1)
    turns.answered(1)
    after = sent(turns, 1)

    assert (before, after) == ([], [2])


def test_a_cancelled_page_is_neither_blamed_nor_tried_again() -> None:
    turns, pages = turns_of(1)
    sent(turns, 1)
    turns.lost()
    sent(turns, 1)
    pages[0].text.cancel()

    culprit = turns.lost()

    assert culprit is None
    assert not turns.pending()


def test_a_page_whose_only_company_was_cancelled_was_not_alone() -> None:
    # the cancelled one may have been the reason
    turns, pages = turns_of(2)
    sent(turns, 2)
    pages[0].text.cancel()

    in_company = turns.lost()
    sent(turns, 2)
    alone_once = turns.lost()
    sent(turns, 2)
    alone_twice = turns.lost()

    assert (in_company, alone_once) == (None, None)
    assert alone_twice is not None
    assert alone_twice.request == 2


def test_draining_leaves_nothing_and_keeps_the_order() -> None:
    turns, _ = turns_of(5)
    sent(turns, 2)
    turns.lost()
    sent(turns, 2)

    drained = [turn.request for turn in turns.drain()]

    assert drained == [1, 2, 3, 4, 5]
    assert not turns.pending()
    assert turns.in_flight == 0
