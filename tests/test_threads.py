"""Threads that end, die or hang."""

import time
from threading import Event

from gotwatch.threads import Threads


def no_news() -> None:
    """For those who need not know of a death."""


def test_a_thread_that_ends_is_no_death() -> None:
    threads = Threads(no_news)
    threads.start("quick", lambda: None)

    assert threads.join(5) == []
    assert threads.deaths() == {}


def test_a_thread_that_dies_is_told_with_its_error() -> None:
    died = Event()
    threads = Threads(died.set)

    threads.start("unlucky", lambda: [][1])

    assert died.wait(5)
    assert threads.join(5) == []
    assert threads.deaths() == {"unlucky": "IndexError: list index out of range"}


def test_a_thread_that_hangs_is_named_and_all_together_are_waited_for_no_longer_than_said() -> None:
    threads, end = Threads(no_news), Event()

    def hang() -> None:
        end.wait()

    for name in ("one", "two", "three"):
        threads.start(name, hang)
    began = time.monotonic()

    late = threads.join(1)

    assert late == ["one", "two", "three"]
    assert time.monotonic() - began < 2.5
    end.set()
    assert threads.join(5) == []


def test_a_thread_that_another_one_starts_while_all_are_waited_for_is_waited_for_too() -> None:
    threads, begun, ended = Threads(no_news), Event(), Event()

    def start_another() -> None:
        begun.wait(5)
        threads.start("second", ended.set)

    threads.start("first", start_another)
    begun.set()

    assert threads.join(5) == []
    assert ended.is_set()
