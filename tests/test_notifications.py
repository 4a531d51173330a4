"""Notifications of the whole program, on a real session bus."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk, document, eventually, image
from tests.notification_daemons import FakeNotificationDaemon, Shown
from tests.openers import note_what_is_opened, opened
from tests.tray_hosts import session_bus

pytestmark = pytest.mark.skipif(sys.platform != "linux" or not shutil.which("dbus-daemon"), reason="needs a D-Bus")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        yield address


@pytest.fixture
def daemon(bus: str) -> Iterator[FakeNotificationDaemon]:
    with FakeNotificationDaemon(bus) as daemon:
        yield daemon


@pytest.fixture
def desk(tmp_path: Path, bus: str) -> Iterator[Desk]:
    """In a desktop session."""
    (tmp_path / "desk").mkdir()
    with Desk(tmp_path / "desk") as desk:
        desk.session = {"DBUS_SESSION_BUS_ADDRESS": bus, "GOTWATCH_LANGUAGE": "en"}
        note_what_is_opened(desk)
        yield desk


def test_a_file_that_was_read_is_told_and_a_click_opens_its_page(daemon: FakeNotificationDaemon, desk: Desk) -> None:
    desk.run()
    image(desk.inbox / "a & b.png", "secret words")

    told = daemon.wait_for(1, 40)[0]
    click(daemon, told, "default", desk)

    assert (told.title, told.body) == ("Read: a & b.png", "1 page")
    assert opened(desk) == [f"{desk.out}/a & b.png.html"]


def test_a_file_that_failed_is_told_with_its_error_and_the_log(daemon: FakeNotificationDaemon, desk: Desk) -> None:
    desk.run(limits="give_up_seconds = 0")
    (desk.inbox / "b.pdf").write_bytes(b"%PDF-1.7 and no more")

    told = daemon.wait_for(1, 40)[0]
    click(daemon, told, told.key("Open the log"), desk)

    assert told.title == "Failed: b.pdf"
    assert told.body.startswith("b.pdf is cut off")
    assert opened(desk) == [str(desk.state / "gotwatch.log")]


def test_a_burst_is_one_note_with_the_failure_in_it(daemon: FakeNotificationDaemon, desk: Desk) -> None:
    desk.run(limits="give_up_seconds = 0")
    (desk.inbox / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    for number in range(30):
        image(desk.inbox / f"{number}.png", str(number))

    told = daemon.wait_for(1, 40)[0]

    assert told.title == "30 files read, 1 failed"
    assert told.body.startswith("bad.pdf is cut off")
    assert told.key("Open the results")


def test_what_holds_gotwatch_up_is_told(daemon: FakeNotificationDaemon, desk: Desk) -> None:
    desk.run()
    shutil.rmtree(desk.inbox)

    told = daemon.wait_for(1, 40)[0]

    assert told.title == "gotwatch waits for you"
    assert told.body == f"{desk.inbox}: the folder is not there"
    desk.inbox.mkdir()


def test_a_config_that_was_broken_is_told(daemon: FakeNotificationDaemon, desk: Desk) -> None:
    desk.run()
    desk.config.write_text(desk.config.read_text("utf-8").replace("quiet_seconds", "quiet_secnds"), "utf-8")

    told = daemon.wait_for(1, 40)[0]

    assert told.title == "gotwatch waits for you"
    assert told.body.startswith("The changed config is not taken up: ")
    assert "Did you mean 'quiet_seconds'?" in told.body


def test_where_nothing_is_wanted_nothing_is_told(daemon: FakeNotificationDaemon, desk: Desk) -> None:
    desk.run(more='[notifications]\nlevel = "none"')
    desk.wait_for(document(desk.inbox / "a.pdf", 2))
    desk.end()

    assert daemon.told == []


def test_without_a_notification_daemon_it_reads_and_ends_all_the_same(desk: Desk) -> None:
    desk.run()

    desk.wait_for(image(desk.inbox / "a.png"))

    log = desk.state / "gotwatch.log"
    eventually(lambda: "notifications cannot be shown" in log.read_text("utf-8"))
    assert desk.status()["problems"] == []
    assert desk.end() == 0


def test_doctor_tells_whether_they_can_be_shown(bus: str, desk: Desk) -> None:
    desk.configure()
    with FakeNotificationDaemon(bus):
        assert "good    notifications: of the level summary" in desk.command("doctor").stdout
    assert "note    notifications: cannot be shown here: " in desk.command("doctor").stdout

    desk.configure(more='[notifications]\nlevel = "none"')
    assert "notifications: none are wanted" in desk.command("doctor").stdout


def click(daemon: FakeNotificationDaemon, told: Shown, key: str, desk: Desk) -> None:
    """As a person does: not before the one who showed it has heard that it is shown. A second click finds it gone."""

    def is_heard() -> list[str]:
        daemon.click(told, key)
        return opened(desk)

    eventually(is_heard)
