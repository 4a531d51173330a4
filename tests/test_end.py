"""When the daemon learns that it shall stop."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from gotwatch.cli.end import End
from tests.desk import REPOSITORY

DEADLINE_SECONDS = 60.0

SIGNALLED_ELSEWHERE = """
import signal, threading, time
from gotwatch.cli.end import End

def signal_this_very_thread():
    time.sleep(0.5)  # by now the main thread waits
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

end = End()
end.heed_signals()
threading.Thread(target=signal_this_very_thread).start()
while not end.wait():
    pass
end.close()
"""

MAIN_THREAD_AWAY = """
import ctypes, os, signal, threading, time
from gotwatch.cli.end import End

end = End()
end.heed_signals()

def wait():
    while not end.wait():
        pass
    os._exit(0)

def signal_the_process():
    time.sleep(0.5)  # by now the main thread is gone
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=wait).start()
threading.Thread(target=signal_the_process).start()
libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
for _ in range(2):  # the second time it waits for itself, in C, for ever
    libc.pthread_mutex_lock(mutex)
"""


@pytest.fixture
def end() -> Iterator[End]:
    with closing(End()) as end:
        yield end


def test_the_end_is_there_once_it_is_set(end: End) -> None:
    assert not end.wait(0)

    end.set()

    assert end.is_set()
    assert end.wait()


def test_the_end_may_be_set_any_number_of_times(end: End) -> None:
    for _ in range(100_000):
        end.set()

    assert end.wait()


def test_the_end_may_be_set_when_nobody_waits_any_more(end: End) -> None:
    end.close()

    end.set()

    assert end.is_set()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system has no signals for threads")
def test_a_signal_that_comes_while_the_main_thread_cannot_feel_it_ends_the_wait() -> None:
    # A SIGTERM in the moment before the wait was noted and slept over, so that the daemon did not end. That moment is
    # hard to hit; a signal that another thread gets is slept over in the same way, every time.
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED_ELSEWHERE], cwd=REPOSITORY, timeout=DEADLINE_SECONDS, check=False
    )

    assert done.returncode == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signals")
def test_the_end_may_be_asked_for_in_the_middle_of_the_wait_for_it() -> None:
    waiting = End()

    # With an Event a SIGTERM right after the start now and then locked the daemon up: its handler, which runs in the
    # thread that waits, waited for the lock that this very thread held.
    before = signal.signal(signal.SIGALRM, lambda *_: waiting.set())
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for _ in range(200):
            while not waiting.wait(0):
                pass
            waiting.close()
            waiting = End()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        waiting.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a mutex of the system's that may be all zeros")
def test_a_signal_is_heard_while_the_main_thread_is_in_a_loop_of_the_desktops() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MAIN_THREAD_AWAY], cwd=REPOSITORY, timeout=DEADLINE_SECONDS, check=False
    )

    assert ended.returncode == 0
