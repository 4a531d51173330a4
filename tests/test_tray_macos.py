"""The icon on macOS: the real pystray, with AppKit replaced."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from gotwatch.desktop.tray.loop_panel import LoopPanel
from gotwatch.desktop.tray.menu import Order
from tests.desk import eventually
from tests.fake_macos import ACCESSORY, BAR_POINTS, Mac
from tests.test_tray_pace import Evening


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Mac:
    mac = Mac()
    mac.install(monkeypatch)
    return mac


@pytest.fixture
def evening(mac: Mac) -> Evening:
    def make(on_order: Callable[[Order], None]) -> Any:
        return import_module("gotwatch.desktop.tray.macos_icon").MacIcon(on_order)

    return Evening(LoopPanel(make, needs_main_thread=True))


def test_everything_that_touches_appkit_happens_on_the_main_thread(mac: Mac, evening: Evening) -> None:
    def change() -> None:
        eventually(lambda: mac.is_running)
        evening.whole.change(state="paused")
        eventually(lambda: "gotwatch: Paused" in mac.told("setToolTip_"))

    evening.live(change)

    assert mac.off_main == []
    assert mac.told("setHidden_") == [False]


def test_a_click_is_carried_out(mac: Mac, evening: Evening) -> None:
    def click() -> None:
        eventually(lambda: "Pause" in mac.titles())
        mac.click("Pause")
        eventually(lambda: evening.whole.done)
        eventually(lambda: "Resume" in mac.titles())

    evening.live(click)

    assert evening.whole.done == ["pause"]
    assert mac.off_main == []


def test_the_icon_has_two_pixels_a_point_and_no_place_in_the_dock(mac: Mac, evening: Evening) -> None:
    evening.live(lambda: eventually(lambda: mac.told("setImage_")))

    assert mac.told("setSize_") == [(BAR_POINTS, BAR_POINTS)]
    content = mac.told("initWithData_")[0]
    assert int.from_bytes(content[16:20], "big") == 2 * BAR_POINTS  # the width in a PNG's head
    assert mac.told("setActivationPolicy_") == [ACCESSORY]


def test_quit_leaves_the_loop_and_takes_the_icon_away(mac: Mac, evening: Evening) -> None:
    def click() -> None:
        eventually(lambda: "Quit" in mac.titles())
        mac.click("Quit")
        assert evening.ended.wait(5)

    evening.live(click)

    assert not mac.is_running
    assert len(mac.told("removeStatusItem_")) == 1


def test_an_end_before_the_icon_was_shown_shows_none(mac: Mac, evening: Evening) -> None:
    evening.wall.stop()

    evening.live(lambda: None)

    assert mac.calls == []


def test_a_mac_without_pyobjc_reads_all_the_same(monkeypatch: pytest.MonkeyPatch, mac: Mac, evening: Evening) -> None:
    monkeypatch.setitem(sys.modules, "AppKit", None)  # as if it were not installed

    evening.live(lambda: eventually(lambda: not evening.wall.is_seen()))

    assert evening.tray.state().startswith("none: ")
    assert "AppKit" in evening.tray.state()
