"""When a file counts as finished. Pure: the clock and the disk are played by the test."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from gotwatch.documents import Stamp
from gotwatch.inbox.settle import LONG_AGO_SECONDS, Look, Settler

SCAN = Path("/scans/a.pdf")
QUIET_SECONDS = 5.0
PATHS = st.sampled_from([Path(f"/scans/{letter}.png") for letter in "abc"])
TODAY = 1_700_000_000.0


@dataclass
class Desk:
    """A clock that the test turns, and files that the test writes."""

    seconds: float = 0.0
    files: dict[Path, Look] = field(default_factory=dict)
    looks: int = 0

    def clock(self) -> float:
        return self.seconds

    def wall_clock(self) -> float:
        return TODAY + self.seconds

    def look(self, path: Path) -> Look | None:
        self.looks += 1
        return self.files.get(path)

    def write(self, path: Path, size: int, *, age_seconds: float = 0.0) -> Look:
        changed_at = self.wall_clock() - age_seconds
        self.files[path] = Look(Stamp(size, int(changed_at * 1e9)), changed_at)
        return self.files[path]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def settler(desk: Desk) -> Settler:
    return new_settler(desk)


def new_settler(desk: Desk, quiet_seconds: float = QUIET_SECONDS) -> Settler:
    return Settler(quiet_seconds, clock=desk.clock, wall_clock=desk.wall_clock, look=desk.look)


def test_a_fresh_file_settles_after_the_quiet_period_and_not_before(desk: Desk, settler: Settler) -> None:
    written = desk.write(SCAN, 100)
    settler.note(SCAN)

    desk.seconds = QUIET_SECONDS - 0.01
    early = list(settler.settled())
    desk.seconds = QUIET_SECONDS
    settled = list(settler.settled())

    assert early == []
    assert settled == [(SCAN, written.stamp)]


def test_a_settled_file_is_told_once(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)
    desk.seconds = QUIET_SECONDS

    first, second = list(settler.settled()), list(settler.settled())

    assert len(first) == 1
    assert second == []
    assert len(settler) == 0
    assert SCAN not in settler


def test_every_noted_change_begins_the_period_anew(desk: Desk, settler: Settler) -> None:
    for size in range(1, 101):  # 100 pieces, a second apart
        desk.write(SCAN, size)
        settler.note(SCAN)
        assert list(settler.settled()) == []
        desk.seconds += 1.0

    desk.seconds += QUIET_SECONDS
    settled = list(settler.settled())

    assert settled == [(SCAN, desk.files[SCAN].stamp)]


def test_a_file_that_grew_without_any_event_waits_a_whole_period_more(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)
    desk.seconds = 4.0
    grown = desk.write(SCAN, 200)

    desk.seconds = QUIET_SECONDS
    at_first = list(settler.settled())
    desk.seconds = 2 * QUIET_SECONDS - 0.01
    early = list(settler.settled())
    desk.seconds = 2 * QUIET_SECONDS
    settled = list(settler.settled())

    assert at_first == early == []
    assert settled == [(SCAN, grown.stamp)]


def test_an_event_without_a_change_does_not_prolong_the_period(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)
    desk.seconds = 4.0
    settler.note(SCAN)  # such as a virus scanner that opened it

    desk.seconds = QUIET_SECONDS

    assert len(list(settler.settled())) == 1


def test_a_file_that_vanished_while_it_settled_is_dropped(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)
    del desk.files[SCAN]

    desk.seconds = QUIET_SECONDS

    assert list(settler.settled()) == []
    assert len(settler) == 0


def test_noting_a_file_that_is_gone_drops_it(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)
    del desk.files[SCAN]

    settler.note(SCAN)

    assert len(settler) == 0


def test_a_file_that_vanished_and_came_back_settles_once(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)
    del desk.files[SCAN]
    settler.note(SCAN)
    desk.seconds = 3.0
    desk.write(SCAN, 100)
    settler.note(SCAN)

    desk.seconds = QUIET_SECONDS
    early = list(settler.settled())
    desk.seconds = 3.0 + QUIET_SECONDS
    settled = list(settler.settled())

    assert early == []
    assert [path for path, _ in settled] == [SCAN]


def test_a_file_that_nobody_touched_for_long_settles_at_once(desk: Desk, settler: Settler) -> None:
    settler.note(SCAN, desk.write(SCAN, 100, age_seconds=LONG_AGO_SECONDS))

    assert len(list(settler.settled())) == 1


@pytest.mark.parametrize("age_seconds", [0.0, LONG_AGO_SECONDS - 1, -3600.0], ids=["new", "young", "from the future"])
def test_a_file_that_may_still_be_written_waits(desk: Desk, settler: Settler, age_seconds: float) -> None:
    settler.note(SCAN, desk.write(SCAN, 100, age_seconds=age_seconds))

    assert list(settler.settled()) == []


def test_with_a_long_quiet_period_a_file_must_be_older_than_that(desk: Desk) -> None:
    settler = new_settler(desk, quiet_seconds=3600.0)

    settler.note(SCAN, desk.write(SCAN, 100, age_seconds=1800.0))

    assert list(settler.settled()) == []


def test_an_old_file_that_changes_as_we_look_is_not_taken_at_its_word(desk: Desk, settler: Settler) -> None:
    settler.note(SCAN, desk.write(SCAN, 100, age_seconds=7200.0))
    desk.write(SCAN, 200, age_seconds=3600.0)

    assert list(settler.settled()) == []
    assert settler.next_due() == QUIET_SECONDS


def test_next_due_is_the_first_of_all(desk: Desk, settler: Settler) -> None:
    due_when_empty = settler.next_due()
    desk.write(SCAN, 100)
    settler.note(SCAN)
    desk.seconds = 2.0
    desk.write(Path("/scans/b.pdf"), 100)
    settler.note(Path("/scans/b.pdf"))

    assert due_when_empty is None
    assert settler.next_due() == QUIET_SECONDS


def test_after_forget_all_nothing_settles(desk: Desk, settler: Settler) -> None:
    desk.write(SCAN, 100)
    settler.note(SCAN)

    settler.forget_all()
    desk.seconds = 2 * QUIET_SECONDS

    assert list(settler.settled()) == []
    assert settler.next_due() is None


def test_waiting_files_are_not_looked_at_before_their_time(desk: Desk, settler: Settler) -> None:
    for number in range(10_000):
        path = Path(f"/scans/{number}.png")
        settler.note(path, desk.write(path, 100))
    desk.looks = 0

    for tick in range(1, 50):
        desk.seconds = tick / 10
        assert list(settler.settled()) == []

    assert desk.looks == 0


class AnyOrderOfEvents(RuleBasedStateMachine):
    """Writes, events, removals and turns of the watcher, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.settler = new_settler(self.desk)
        self.written_at: dict[Path, float] = {}
        self.delivered: dict[Path, Stamp] = {}

    @rule(path=PATHS, size=st.integers(1, 1000))
    def write_with_an_event(self, path: Path, size: int) -> None:
        self.desk.seconds += 1
        self.desk.write(path, size)
        self.written_at[path] = self.desk.seconds
        self.settler.note(path)

    @rule(path=PATHS, size=st.integers(1, 1000))
    def grow_without_an_event(self, path: Path, size: int) -> None:
        if path in self.settler:
            self.desk.write(path, size)
            self.written_at[path] = self.desk.seconds

    @rule(path=PATHS)
    def remove(self, path: Path) -> None:
        self.desk.files.pop(path, None)
        self.delivered.pop(path, None)

    @rule(seconds=st.integers(1, 10))
    def ask_for_settled_ones(self, seconds: int) -> None:
        self.desk.seconds += seconds
        for path, stamp in self.settler.settled():
            assert stamp == self.desk.files[path].stamp
            assert self.desk.seconds - self.written_at[path] >= QUIET_SECONDS
            assert self.delivered.get(path) != stamp, "told twice"
            self.delivered[path] = stamp

    def teardown(self) -> None:
        self.ask_for_settled_ones(10)  # sees what grew meanwhile
        self.ask_for_settled_ones(10)

        assert len(self.settler) == 0
        assert {path: look.stamp for path, look in self.desk.files.items()} == self.delivered


TestAnyOrderOfEvents = AnyOrderOfEvents.TestCase
TestAnyOrderOfEvents.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
