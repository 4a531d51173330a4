"""Sleep is noticed by the clocks alone."""

import pytest

from gotwatch.inbox.slumber import Slumber


class Clocks:
    """Two clocks that are set by hand."""

    def __init__(self) -> None:
        self.steady = 1000.0
        self.wall = 1_800_000_000.0
        self.slumber = Slumber(clock=lambda: self.steady, wall_clock=lambda: self.wall)
        self.slumber.begin()

    def pass_by(self, steady: float, wall: float) -> None:
        self.steady += steady
        self.wall += wall


@pytest.mark.parametrize(
    ("steady", "wall", "late"),
    [
        pytest.param(5.0, 3605.0, 0.0, id="Linux and macOS: the steady clock stood still"),
        pytest.param(3605.0, 3605.0, 3600.0, id="Windows: both went on, the wait was too long"),
        pytest.param(5.0, -3595.0, 0.0, id="the clock was set back"),
    ],
)
def test_a_leap_is_noticed(steady: float, wall: float, late: float) -> None:
    clocks = Clocks()
    clocks.pass_by(steady, wall)

    assert clocks.slumber.has_passed(late)


@pytest.mark.parametrize(
    ("steady", "wall", "late"),
    [
        pytest.param(5.0, 5.0, 0.0, id="a wait of five seconds"),
        pytest.param(600.0, 600.5, 0.0, id="a look through a slow folder, and a clock that is a little off"),
        pytest.param(2.0, 2.0, -3.0, id="woken early"),
        pytest.param(12.0, 12.0, 7.0, id="a busy computer"),
    ],
)
def test_ordinary_waits_are_no_sleep(steady: float, wall: float, late: float) -> None:
    clocks = Clocks()
    clocks.pass_by(steady, wall)

    assert not clocks.slumber.has_passed(late)


def test_a_leap_is_told_once() -> None:
    clocks = Clocks()
    clocks.pass_by(5.0, 3605.0)
    clocks.slumber.has_passed(0.0)
    clocks.pass_by(5.0, 5.0)

    assert not clocks.slumber.has_passed(0.0)
