"""The tray on a real session bus, seen and clicked as a panel does it, with a real daemon behind it."""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gotwatch.desktop.tray.drawing import draw
from gotwatch.desktop.tray.face import Look, Mood
from gotwatch.desktop.tray.notifier_panel import NotifierPanel
from gotwatch.desktop.tray.sentences import short_name
from tests.desk import Desk, document, eventually, image
from tests.openers import note_what_is_opened, opened
from tests.test_tray_pace import Evening
from tests.tray_hosts import TrayHost, session_bus

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        yield address


@pytest.fixture
def host(bus: str) -> Iterator[TrayHost]:
    with TrayHost(bus) as host:
        yield host


@pytest.fixture
def desk(tmp_path: Path, bus: str) -> Iterator[Desk]:
    """In a desktop session; what it opens stands in the file `opened`."""
    root = tmp_path / "desk"
    root.mkdir()
    with Desk(root) as desk:
        desk.session = {"DBUS_SESSION_BUS_ADDRESS": bus}
        note_what_is_opened(desk)
        yield desk


def log_of(desk: Desk) -> str:
    return (desk.state / "gotwatch.log").read_text("utf-8")


def test_pause_and_resume_work_from_the_menu_and_nothing_is_read_between_them(host: TrayHost, desk: Desk) -> None:
    desk.run()
    host.wait_for_icon()
    idle = host.picture()

    host.click("Pause")
    eventually(lambda: "Resume" in host.labels())
    dropped = image(desk.inbox / "dropped.png")
    desk.wait_for(dropped, "queued")

    assert desk.status()["state"] == "paused"
    assert desk.why(dropped)["why"] == "It waits, as gotwatch is paused."
    assert host.picture() == draw(Look(Mood.PAUSED), 44)
    assert idle == draw(Look(Mood.IDLE), 44)
    assert desk.pages_read() == []

    host.click("Resume")
    desk.wait_for(dropped)
    eventually(lambda: host.picture() == idle)
    assert "Pause" in host.labels()


def test_a_thousand_changes_reach_the_bus_once_a_second_and_the_entries_keep_their_numbers(
    bus: str, host: TrayHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    evening = Evening(NotifierPanel(lambda: None, lambda: None))
    numbers: list[dict[str, int]] = []
    told: list[str] = []

    def note_numbers() -> None:
        numbers.append({line.label: line.number for line in host.menu() if line.label and " of 1000" not in line.label})

    def change_often() -> None:
        host.wait_for_icon()
        eventually(host.labels)
        note_numbers()
        host.signals.clear()
        for page in range(1000):
            current = {"path": "/in/a.pdf", "page": page + 1, "pages": 1000, "seconds_left": None}
            evening.whole.change(state="working", current=[current])
            time.sleep(0.003)  # the changes' own rate
        eventually(lambda: "page 1000 of 1000" in host.labels()[0])
        told.extend(host.signals)
        note_numbers()

    evening.live(change_often)

    before, after = numbers
    assert {label: after[label] for label in before if label in after} == {
        label: number for label, number in before.items() if label in after
    }
    assert len(before.keys() & after.keys()) >= 5
    assert 1 <= sum(signal in ("LayoutUpdated", "ItemsPropertiesUpdated") for signal in told) <= 6


def test_a_pause_by_command_shows_in_the_tray_and_one_by_the_tray_outlives_a_restart(
    host: TrayHost, desk: Desk
) -> None:
    desk.run()
    host.wait_for_icon()

    desk.ask("pause")
    eventually(lambda: host.labels()[0] == "Paused")
    desk.ask("resume")
    eventually(lambda: host.labels()[0] == "All is read")
    host.click("Pause")
    eventually(lambda: desk.status()["state"] == "paused")
    desk.end()
    desk.start()

    eventually(lambda: len(host.registered) == 2)
    eventually(lambda: host.labels()[0] == "Paused")
    assert host.line("Resume").is_enabled


def test_a_pause_for_an_hour_tells_when_it_ends(host: TrayHost, desk: Desk) -> None:
    desk.run()
    host.wait_for_icon()

    host.click("Pause for 1 hour")

    eventually(lambda: host.labels()[0].startswith("Paused until "))
    until = desk.status()["paused_until"]
    assert 3590 < time.mktime(time.strptime(until[:19], "%Y-%m-%dT%H:%M:%S")) - time.mktime(time.gmtime()) <= 3600


def test_a_pause_that_ends_by_itself_is_over_in_the_tray_too(host: TrayHost, desk: Desk) -> None:
    desk.run()
    host.wait_for_icon()

    desk.ask("pause", "--for", "2s")
    eventually(lambda: host.labels()[0].startswith("Paused until "))

    eventually(lambda: host.labels()[0] == "All is read")


def test_the_icon_shows_how_far_the_document_is(host: TrayHost, desk: Desk) -> None:
    desk.run("PatientEngine")  # is at the second page until nobody wants it any more
    host.wait_for_icon()
    document(desk.inbox / "two.pdf", 2)

    eventually(lambda: host.labels()[0].startswith("Reading two.pdf, page 2 of 2"))

    assert host.picture() == draw(Look(Mood.WORKING, 50), 44)


def test_results_failures_and_folders_can_be_opened(host: TrayHost, desk: Desk) -> None:
    desk.run(limits="give_up_seconds = 0")
    host.wait_for_icon()
    desk.wait_for(image(desk.inbox / "first_scan.png"))
    (desk.inbox / "damaged.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    desk.wait_for(desk.inbox / "damaged.pdf", "failed")
    eventually(lambda: "1 file could not be read" in host.labels())

    for labels, target in (
        (("Last results", "first_scan.png"), desk.out / "first_scan.png.html"),
        (("Could not be read", "damaged.pdf", "Open the file"), desk.inbox / "damaged.pdf"),
        (("Open output folder",), desk.out),
        (("Settings",), desk.config),
        (("Log",), desk.state / "gotwatch.log"),
    ):
        host.click(*labels)
        eventually(lambda target=target: str(target) in opened(desk))
    host.activate()
    eventually(lambda: opened(desk).count(str(desk.out)) == 2)

    assert host.properties()["Status"] == "NeedsAttention"
    assert host.picture() == draw(Look(Mood.NEEDS_YOU), 44)


def test_a_failed_file_tells_why_and_is_tried_again_or_left_unread(host: TrayHost, desk: Desk) -> None:
    desk.run(limits="give_up_seconds = 0")
    host.wait_for_icon()
    damaged = desk.inbox / "damaged.pdf"
    damaged.write_bytes(b"%PDF-1.7 and nothing more")
    desk.wait_for(damaged, "failed")
    eventually(lambda: "Could not be read" in host.labels())

    why = host.line("Could not be read", "damaged.pdf").children[0]
    assert "damaged" in why.label
    assert not why.is_enabled

    image(damaged)  # read by its content, whatever its name
    host.click("Could not be read", "damaged.pdf", "Try again")
    desk.wait_for(damaged)
    eventually(lambda: "Could not be read" not in host.labels())


def test_what_is_left_unread_on_request_needs_nobody_any_more(host: TrayHost, desk: Desk) -> None:
    desk.run(limits="give_up_seconds = 0")
    host.wait_for_icon()
    damaged = desk.inbox / "damaged.pdf"
    damaged.write_bytes(b"%PDF-1.7 and nothing more")
    desk.wait_for(damaged, "failed")
    eventually(lambda: "Could not be read" in host.labels())

    host.click("Could not be read", "damaged.pdf", "Leave it unread")

    eventually(lambda: "Could not be read" not in host.labels())
    assert desk.why(damaged)["state"] == "forgotten"
    assert host.picture() == draw(Look(Mood.IDLE), 44)


def test_paused_and_a_missing_folder_show_together(host: TrayHost, desk: Desk) -> None:
    desk.run()
    host.wait_for_icon()
    desk.ask("pause")

    desk.inbox.rename(desk.root / "elsewhere")

    eventually(lambda: host.labels()[:2] == ["Paused", f"Waiting for the folder {short_name(str(desk.inbox))}"], 30)
    assert host.picture() == draw(Look(Mood.PAUSED, is_marked=True), 44)


def test_scan_now_finds_what_no_event_told_of(host: TrayHost, desk: Desk) -> None:
    desk.run(watch='detection = "poll"\nrescan_seconds = "1h"')
    host.wait_for_icon()
    found = image(desk.inbox / "found.png")

    host.click("Scan now")

    desk.wait_for(found)


def test_quit_ends_gotwatch_at_once(host: TrayHost, desk: Desk) -> None:
    desk.run()
    assert desk.daemon is not None
    host.wait_for_icon()

    began = time.monotonic()
    host.click("Quit")

    assert desk.daemon.wait(5) == 0
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cleans_up_with_the_tray_shown(host: TrayHost, desk: Desk, number: signal.Signals) -> None:
    desk.run()
    host.wait_for_icon()

    assert desk.end(number) == 0

    assert not (desk.state / "control.sock").exists()
    assert list(desk.out.glob(".*")) == []
    desk.start()  # the lock is free


def test_a_panel_that_comes_late_or_again_gets_the_icon(bus: str, desk: Desk) -> None:
    desk.run()
    eventually(lambda: desk.status().get("tray") == "none: no panel shows icons")

    with TrayHost(bus) as first:
        first.wait_for_icon()
        assert "Pause" in first.labels()
        eventually(lambda: desk.status()["tray"] == "shown")
    eventually(lambda: desk.status()["tray"] != "shown")

    with TrayHost(bus) as second:
        second.wait_for_icon()
        assert "Pause" in second.labels()
    eventually(lambda: desk.status()["tray"] != "shown")


def test_that_no_panel_is_there_is_said_once(desk: Desk) -> None:
    desk.run()

    eventually(lambda: "no tray: no panel shows icons (on GNOME" in log_of(desk))

    desk.wait_for(image(desk.inbox / "read.png"))
    assert log_of(desk).count("no tray") == 1


def test_without_a_session_files_are_read_and_one_line_says_that_there_is_no_tray(desk: Desk) -> None:
    desk.session = {}
    desk.run()

    desk.wait_for(image(desk.inbox / "read.png"))

    assert log_of(desk).count("no tray") == 1
    assert desk.status()["tray"] == "none: there is no session bus"
    assert desk.status()["problems"] == []
    assert desk.end() == 0


def test_a_bus_that_does_not_answer_harms_nothing(desk: Desk) -> None:
    desk.session["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
    desk.run()

    desk.wait_for(image(desk.inbox / "read.png"))

    assert log_of(desk).count("no tray: the session bus does not answer") == 1
    assert desk.status()["problems"] == []


def test_a_bus_that_goes_away_harms_nothing(tmp_path: Path, desk: Desk) -> None:
    own = tmp_path / "short"
    own.mkdir()
    with session_bus(own) as address, TrayHost(address) as host:
        desk.session["DBUS_SESSION_BUS_ADDRESS"] = address
        desk.run()
        host.wait_for_icon()

    eventually(lambda: "no tray: the session bus is gone" in log_of(desk))
    desk.wait_for(image(desk.inbox / "read.png"))
    assert desk.status()["problems"] == []


def test_no_tray_is_shown_where_none_is_wanted(host: TrayHost, desk: Desk) -> None:
    desk.configure()
    desk.daemon = desk.launch("run", "--no-tray")
    eventually(lambda: desk.status().get("tray") == "off")

    desk.wait_for(image(desk.inbox / "read.png"))

    assert host.registered == []


def test_the_check_mark_switches_the_start_at_login(host: TrayHost, desk: Desk) -> None:
    desk.session["XDG_CONFIG_HOME"] = str(desk.root / "settings")
    entry = desk.root / "settings" / "autostart" / "gotwatch.desktop"
    desk.run()
    host.wait_for_icon()
    assert host.line("Start at login").is_checked is False

    host.click("Start at login")
    eventually(lambda: host.line("Start at login").is_checked)
    assert f'"--config" "{desk.config}"' in entry.read_text("utf-8")

    host.click("Start at login")
    eventually(lambda: host.line("Start at login").is_checked is False)
    assert not entry.exists()
