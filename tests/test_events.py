"""The system's news, as watchdog tells them."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gotwatch.inbox.events import Events


def events_into(heard: list[Path], overflowed: Callable[[], None] = lambda: None) -> Events:
    return Events(touched=heard.append, folder_changed=heard.append, overflowed=overflowed)


def test_a_folder_that_cannot_be_listened_to_leaves_no_thread_behind(tmp_path: Path) -> None:
    events = events_into([])
    before = threading.active_count()

    with pytest.raises(FileNotFoundError):
        events.listen(tmp_path / "gone", recursive=True)

    assert threading.active_count() == before
    assert not events.alive


def test_it_is_alive_from_listen_to_stop(tmp_path: Path) -> None:
    events = events_into([])
    before = threading.active_count()

    events.listen(tmp_path, recursive=True)
    listening = events.alive
    events.stop()
    events.stop()

    assert listening
    assert not events.alive
    assert threading.active_count() == before


def test_to_listen_again_ends_the_first_time(tmp_path: Path) -> None:
    events = events_into([])
    events.listen(tmp_path, recursive=True)
    listening = threading.active_count()

    events.listen(tmp_path, recursive=False)

    assert threading.active_count() == listening
    events.stop()


def test_dropped_events_are_told_while_listening_only(tmp_path: Path) -> None:
    told: list[bool] = []
    events = events_into([], overflowed=lambda: told.append(True))
    dropped = logging.getLogger("watchdog.observers.inotify_c")
    message = "Inotify queue overflowed; filesystem events were lost"

    dropped.warning(message)
    events.listen(tmp_path, recursive=True)
    dropped.warning(message)
    dropped.warning("of something else")
    events.stop()
    dropped.warning(message)

    assert told == [True]
