"""The studio, a real process with real libraries in it, on orders that it does not survive."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gotwatch.render.studio.orders import Engrave, Sketch
from gotwatch.render.studio.process import DrawingFailed, Studio
from gotwatch.render.workshop import WorkshopLimits
from tests.blocks import WALTZ

pytest.importorskip("verovio")

GOOD = Engrave(WALTZ, with_midi=False)
CRASHING = Engrave("**kern\t**kern\n4c\n*-\t*-\n", with_midi=False)
LONG = Engrave("**kern\n" + "4c\n4d\n4e\n4f\n=\n" * 2_000 + "*-\n", with_midi=False)


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.close()


def artists() -> list[object]:
    return [child for child in multiprocessing.active_children() if child.name == "gotwatch-studio"]


def test_no_process_runs_before_there_is_something_to_draw() -> None:
    studio = Studio()

    studio.close()

    assert artists() == []


def test_one_process_draws_one_thing_after_the_other(studio: Studio) -> None:
    studio.draw(GOOD)
    [first] = artists()

    studio.draw(GOOD)

    assert artists() == [first]


def test_a_crash_costs_one_drawing(studio: Studio) -> None:
    with pytest.raises(DrawingFailed, match="crashed"):
        studio.draw(CRASHING)

    assert studio.draw(GOOD).signs > 0


def test_what_takes_too_long_is_ended() -> None:
    studio = Studio(WorkshopLimits(seconds=0.1))

    with pytest.raises(DrawingFailed, match=r"longer than 0\.1 s"):
        studio.draw(LONG)

    assert artists() == []


def test_an_idle_process_leaves_and_another_comes(eventually: Callable[..., None]) -> None:
    studio = Studio(WorkshopLimits(seconds=10.0, idle_seconds=0.05))
    studio.draw(GOOD)

    eventually(lambda: not artists())

    assert studio.draw(GOOD).signs > 0
    studio.close()


def test_an_error_of_a_library_is_told_and_the_process_stays(studio: Studio) -> None:
    pytest.importorskip("tikra")
    studio.draw(GOOD)
    [first] = artists()

    with pytest.raises(DrawingFailed, match="failed"):
        studio.draw(Sketch(None))  # type: ignore[arg-type]  what a library chokes on

    assert artists() == [first]


def test_threads_take_turns(studio: Studio) -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(studio.draw, [GOOD] * 8))

    assert len({engraved.pages for engraved in drawn}) == 1


def test_closing_ends_the_process(studio: Studio) -> None:
    studio.draw(GOOD)

    studio.close()

    assert artists() == []
