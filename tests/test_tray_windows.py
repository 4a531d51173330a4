"""The icon on Windows: the real pystray, with Windows' own calls replaced."""

from collections.abc import Callable, Iterator
from importlib import import_module
from threading import Thread
from typing import Any

import pytest

from gotwatch.desktop.tray.face import Face, Look, Mood
from gotwatch.desktop.tray.loop_panel import LoopPanel
from gotwatch.desktop.tray.menu import Do, Entry, Order
from gotwatch.desktop.tray.panel import Callbacks
from tests.desk import eventually
from tests.fake_windows import NIM_ADD, SMALL_ICON, WM_LBUTTONUP, WM_NOTIFY, WM_RBUTTONUP, WM_TIMER, Windows

PAUSE = Entry(id="pause", text="Pause", order=Order(Do.PAUSE))
MENU = (
    Entry(id="state", text="All is read"),
    Entry(id="line"),
    PAUSE,
    Entry(id="login", text="Start at login", order=Order(Do.START_AT_LOGIN), checked=True),
    Entry(id="results", text="Last results", children=(Entry(id="a", text="Q&A.png", order=Order(Do.OPEN, "a")),)),
    Entry(id="output", text="Open output folder", order=Order(Do.OPEN, "out"), is_default=True),
)
FACE = Face(Look(Mood.IDLE), "gotwatch: All is read", MENU)


class Shown:
    """A panel with an icon in its loop."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.orders: list[Order] = []
        self.panel = LoopPanel(self._make, needs_main_thread=False)
        callbacks = Callbacks(self.orders.append, lambda: None)
        self._thread = Thread(target=self.panel.run, args=(callbacks,), name="tray icon", daemon=True)
        self.panel.show(FACE)
        self._thread.start()

    def _make(self, on_order: Callable[[Order], None]) -> Any:
        return import_module("gotwatch.desktop.tray.windows_icon").WindowsIcon(on_order)

    def end(self) -> None:
        self.panel.stop()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def labels(self) -> list[str]:
        """Of the menu that was made last, submenus first."""
        return [item.dwTypeData for menu in self.windows.menus.values() for item in menu if item.dwTypeData]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    windows = Windows()
    windows.install(monkeypatch)
    return windows


@pytest.fixture
def shown(windows: Windows) -> Iterator[Shown]:
    shown = Shown(windows)
    eventually(lambda: windows.is_shown)
    yield shown
    shown.end()


def test_the_icon_is_shown_in_the_size_that_the_screen_has(shown: Shown, windows: Windows) -> None:
    assert windows.tips() == ["gotwatch: All is read"]
    assert windows.loaded == [(SMALL_ICON, SMALL_ICON)]


def test_a_new_face_goes_through_the_icons_own_loop(shown: Shown, windows: Windows) -> None:
    shown.panel.show(
        Face(Look(Mood.PAUSED), "gotwatch: Paused", (Entry(id="pause", text="Resume", order=Order(Do.RESUME)),))
    )

    eventually(lambda: shown.labels() == ["Resume"])

    assert windows.tips()[-1] == "gotwatch: Paused"
    assert len(windows.loaded) == 2


@pytest.mark.parametrize("letter", ["x", "文", "😀"])
def test_a_long_title_is_cut_to_what_windows_takes(shown: Shown, windows: Windows, letter: str) -> None:
    shown.panel.show(Face(Look(Mood.IDLE), letter * 300, MENU))

    eventually(lambda: len(windows.tips()) == 2)

    tip = windows.tips()[-1]
    assert tip.endswith("…")
    assert set(tip) == {letter, "…"}
    assert 125 <= len(tip.encode("utf-16-le")) // 2 <= 127


def test_an_icon_that_was_refused_is_tried_again_until_it_is_taken(windows: Windows) -> None:
    windows.refusals = 2
    shown = Shown(windows)

    eventually(lambda: windows.timers)
    assert not windows.is_shown
    windows.send(WM_TIMER)
    eventually(lambda: windows.refusals == 0)
    assert windows.timers == {1: 5000}
    windows.send(WM_TIMER)
    eventually(lambda: windows.is_shown)

    eventually(lambda: not windows.timers)
    assert [what for what, _ in windows.notified].count(NIM_ADD) == 3
    shown.end()
    assert not windows.is_shown


def test_clicks_in_the_menu_give_their_orders(shown: Shown, windows: Windows) -> None:
    pause, login, result = 3, 4, 6  # counted as they come, submenus after what holds them

    for number in (pause, login, result):
        windows.while_open = lambda number=number: number  # type: ignore[misc]  # each its own
        windows.send(WM_NOTIFY, 0, WM_RBUTTONUP)
        eventually(lambda: windows.messages.empty())
    windows.send(WM_NOTIFY, 0, WM_LBUTTONUP)

    eventually(lambda: len(shown.orders) == 4)
    assert shown.orders == [
        Order(Do.PAUSE),
        Order(Do.START_AT_LOGIN),
        Order(Do.OPEN, "a"),
        Order(Do.OPEN, "out"),
    ]


def test_an_open_menu_is_not_taken_away_by_what_changes_meanwhile(shown: Shown, windows: Windows) -> None:
    def change() -> int:
        shown.panel.show(Face(Look(Mood.PAUSED), "gotwatch: Paused", (PAUSE,)))
        return 3

    windows.while_open = change
    windows.send(WM_NOTIFY, 0, WM_RBUTTONUP)

    eventually(lambda: shown.labels() == ["Pause"])
    assert shown.orders == [Order(Do.PAUSE)]


def test_an_ampersand_in_a_name_is_shown(shown: Shown) -> None:
    assert "Q&&A.png" in shown.labels()


def test_what_is_disabled_and_what_is_checked_are_so(shown: Shown, windows: Windows) -> None:
    items = {item.dwTypeData: item.fState for menu in windows.menus.values() for item in menu}

    assert items["All is read"] & 3
    assert items["Start at login"] & 8
    assert items["Pause"] == 0


def test_it_can_be_stopped_before_it_was_ever_shown(windows: Windows) -> None:
    panel = LoopPanel(lambda _: pytest.fail("no icon is wanted any more"), needs_main_thread=False)
    thread = Thread(target=panel.run, args=(Callbacks(lambda _: None, lambda: None),), daemon=True)
    thread.start()

    panel.stop()

    thread.join(5)
    assert not thread.is_alive()
    assert not panel.is_seen()
