"""The tray in a real panel: what a person sees there. With GOTWATCH_PICTURES=FOLDER the pictures are kept."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from gotwatch.desktop.tray.drawing import FILLS, draw
from gotwatch.desktop.tray.face import Look, Mood
from tests.desk import Desk, document, eventually, image
from tests.screens import PANEL_PIXELS, SIZE, Screen, missing, screen

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
    pytest.mark.timeout(180),
]

ICON_PIXELS = 22  # what this panel makes of its height
ALIKE = 3.0  # of 255, on the mean of all pixels
BLACK = (0, 0, 0)
GI = Path("/usr/lib/python3/dist-packages/gi")  # of Debian and its kin
GI_OF_SYSTEM = [*GI.glob(f"_gi.{sys.implementation.cache_tag}-*.so")] if sys.platform == "linux" else []
LIMITS = 'give_up_seconds = 0\n[notifications]\nlevel = "none"'  # nothing may lie over the menu
PLACES = range(SIZE[0] - 140, SIZE[0] - 70)  # left of the clock


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    root = tmp_path / "desk"
    root.mkdir()
    with Desk(root) as desk:
        yield desk


def place_of(look: Look, shown: Screen) -> int | None:
    """Where in the panel this icon is, in its middle; None if it is not there."""
    panel = shown.picture().crop((0, 0, SIZE[0], PANEL_PIXELS))
    icon = draw(look, ICON_PIXELS)
    wanted = Image.new("RGB", icon.size, panel.getpixel((10, 10)))
    wanted.paste(icon, (0, 0), icon)
    for left in PLACES:
        for top in range(PANEL_PIXELS - ICON_PIXELS):
            there = panel.crop((left, top, left + ICON_PIXELS, top + ICON_PIXELS))
            if max(ImageStat.Stat(ImageChops.difference(wanted, there)).mean) <= ALIKE:
                return left + ICON_PIXELS // 2
    return None


def ground(shown: Screen) -> tuple[int, int, int, int]:
    """The part of the black ground below the panel on which something lies."""
    return shown.picture().crop((0, PANEL_PIXELS + 2, *SIZE)).getbbox() or (0, 0, 0, 0)


def is_open(shown: Screen) -> bool:
    return ground(shown) != (0, 0, 0, 0)


def keep(name: str, shown: Screen) -> None:
    if folder := os.environ.get("GOTWATCH_PICTURES"):
        shown.picture().save(Path(folder, f"{name}.png"))


def prepare(desk: Desk) -> Path:
    """A document that stays at its second page."""
    desk.run("PatientEngine", limits=LIMITS)
    for name in ("letter_of_may.png", "receipt.png"):
        desk.wait_for(image(desk.inbox / name, name))
    return desk.inbox / "invoice.pdf"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_panel_shows_the_state_and_opens_the_menu(tmp_path: Path, desk: Desk, theme: str) -> None:
    with screen(tmp_path / "screen", dark=theme == "dark") as shown:
        desk.session = shown.environment
        invoice = prepare(desk)
        eventually(lambda: place_of(Look(Mood.IDLE), shown), 30)
        keep(f"{theme}-idle", shown)

        document(invoice, 12)
        eventually(lambda: place_of(Look(Mood.WORKING, 8), shown), 30)
        keep(f"{theme}-working", shown)
        desk.ask("pause")
        eventually(lambda: place_of(Look(Mood.PAUSED), shown), 30)
        keep(f"{theme}-paused", shown)
        desk.end()
        desk.ask("resume")
        invoice.unlink()
        (desk.inbox / "damaged.pdf").write_bytes(b"%PDF-1.7 and nothing more")
        desk.start()
        desk.wait_for(desk.inbox / "damaged.pdf", "failed")
        eventually(lambda: place_of(Look(Mood.NEEDS_YOU), shown), 30)
        keep(f"{theme}-needs-you", shown)

        place = place_of(Look(Mood.NEEDS_YOU), shown)
        assert place is not None
        assert not is_open(shown)
        shown.click(place, PANEL_PIXELS // 2, 3)
        eventually(lambda: is_open(shown), 30)
        menu = ground(shown)
        for key in (*["Down"] * 5, "Right", "Right"):  # to what could not be read, its file, and why
            shown.key(key)
        eventually(lambda: ground(shown)[0] < menu[0] - 100, 30)
        keep(f"{theme}-menu", shown)
        for _ in range(3):
            shown.key("Escape")
        eventually(lambda: not is_open(shown), 30)


def test_a_click_on_the_icon_opens_the_output_folder(tmp_path: Path, desk: Desk) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "xdg-open").write_text('#!/bin/sh\necho "$@" >> "$GOTWATCH_TEST_MARK.opened"\n', "utf-8")
    (programs / "xdg-open").chmod(0o755)
    opened = Path(f"{desk.mark}.opened")
    with screen(tmp_path / "screen") as shown:
        desk.session = shown.environment | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        desk.run()
        eventually(lambda: place_of(Look(Mood.IDLE), shown), 30)
        place = place_of(Look(Mood.IDLE), shown)
        assert place is not None

        shown.click(place, PANEL_PIXELS // 2)

        eventually(lambda: opened.exists() and opened.read_text("utf-8") == f"{desk.out}\n")


def test_an_old_tray_of_x11_takes_a_window_with_a_click_in_it(tmp_path: Path, desk: Desk) -> None:
    with screen(tmp_path / "screen", bus=False) as shown:
        desk.session = shown.environment
        desk.run()

        eventually(lambda: desk.status().get("tray") == "shown", 30)
        desk.ask("pause")

        eventually(lambda: FILLS[Mood.PAUSED][:3] in colors(shown), 30)
        keep("x11-paused", shown)
        assert BLACK not in colors(shown)  # it stands on the panel's own ground
        assert desk.end() == 0
        assert "Traceback" not in (desk.state / "gotwatch.log").read_text("utf-8")


@pytest.mark.skipif(not GI_OF_SYSTEM, reason="the system's GTK for Python is not installed, or is for another Python")
def test_an_old_tray_of_x11_has_a_menu_where_python_has_gtk(tmp_path: Path, desk: Desk) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "gi").symlink_to(GI)  # and nothing else that the system's Python has
    with screen(tmp_path / "screen", bus=False) as shown:
        desk.session = shown.environment | {"PYTHONPATH": str(modules)}
        desk.run()
        eventually(lambda: place_of(Look(Mood.IDLE), shown), 30)
        place = place_of(Look(Mood.IDLE), shown)
        assert place is not None

        shown.click(place, PANEL_PIXELS // 2, 3)
        eventually(lambda: is_open(shown), 30)
        keep("x11-gtk-menu", shown)
        shown.key("Down")  # to the first entry that can be clicked
        shown.key("Return")

        eventually(lambda: desk.status()["state"] == "paused")
        eventually(lambda: place_of(Look(Mood.PAUSED), shown), 30)
        assert desk.end() == 0  # before its screen is gone, at which GTK ends any process


def test_a_screen_that_goes_away_takes_the_icon_with_it_and_nothing_else(tmp_path: Path, desk: Desk) -> None:
    with screen(tmp_path / "screen", bus=False) as shown:
        desk.session = shown.environment
        desk.run()
        eventually(lambda: desk.status().get("tray") == "shown", 30)

    eventually(lambda: desk.status().get("tray") == "none: there is no session bus")
    desk.wait_for(image(desk.inbox / "a.png"))
    assert desk.status()["problems"] == []


def colors(shown: Screen) -> set[tuple[int, ...]]:
    """Of the panel, without its clock and its lower edge."""
    panel = shown.picture().crop((0, 0, PLACES.stop, PANEL_PIXELS - 2))
    return {color for _, color in panel.getcolors(99_999) or [] if isinstance(color, tuple)}
