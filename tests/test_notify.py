"""Notes on a real session bus, with a notification daemon and without; and by macOS' script."""

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gotwatch.desktop import notify
from gotwatch.desktop.news import Choice, Note
from gotwatch.desktop.notify import Script
from tests.notification_daemons import FakeNotificationDaemon
from tests.tray_hosts import session_bus

pytestmark = pytest.mark.skipif(sys.platform != "linux" or not shutil.which("dbus-daemon"), reason="needs a D-Bus")

RESULT, LOG = Choice("Open the result", Path("/out/a.html")), Choice("Open the log", Path("/state/log"))
DEADLINE_SECONDS = 10.0


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def daemon(bus: str) -> Iterator[FakeNotificationDaemon]:
    with FakeNotificationDaemon(bus) as daemon:
        yield daemon


def show(*notes: Note, until: Callable[[list[Path]], bool] = lambda _: True) -> list[Path]:
    """Show *notes*, and then wait until it is so; what was opened by then."""
    opened: list[Path] = []

    async def shown() -> None:
        display = notify.display(opened.append)
        try:
            for note in notes:
                await display.show(note)
            async with asyncio.timeout(DEADLINE_SECONDS):
                while not until(opened):
                    await asyncio.sleep(0.02)  # between two looks
        finally:
            display.close()

    asyncio.run(shown())
    return opened


def clicked(daemon: FakeNotificationDaemon, label: str | None) -> Callable[[list[Path]], bool]:
    """Click on the button of this name, or on the note itself, and be content when something was opened."""
    clicks: list[str] = []

    def look(opened: list[Path]) -> bool:
        if daemon.told and not clicks:
            clicks.append(daemon.told[0].key(label) if label else "default")
            daemon.click(daemon.told[0], clicks[0])
        return bool(opened)

    return look


def test_a_note_arrives_with_its_title_its_text_and_its_buttons(daemon: FakeNotificationDaemon) -> None:
    show(Note("a.png was read", "3 pages", (RESULT, LOG)))

    told = daemon.told[0]
    assert (told.app, told.title, told.body) == ("gotwatch", "a.png was read", "3 pages")
    assert list(told.actions.values()) == ["", "Open the result", "Open the log"]


@pytest.mark.parametrize(
    ("label", "target"), [(None, RESULT.target), ("Open the result", RESULT.target), ("Open the log", LOG.target)]
)
def test_a_click_opens_what_was_offered(daemon: FakeNotificationDaemon, label: str | None, target: Path) -> None:
    note = Note("a.png was read", "3 pages", (RESULT, LOG))

    assert show(note, until=clicked(daemon, label)) == [target]


def test_a_name_cannot_be_markup(daemon: FakeNotificationDaemon) -> None:
    show(Note("<b>a</b> & b.png", "<b>a</b> & b.png: <img src=x>"))

    assert daemon.told[0].title == "<b>a</b> & b.png"  # a title has none
    assert daemon.told[0].body == "&lt;b&gt;a&lt;/b&gt; &amp; b.png: &lt;img src=x&gt;"


@pytest.mark.usefixtures("bus")
def test_without_a_notification_daemon_nothing_is_shown_and_that_is_told_once(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)

    show(*[Note("a", "b")] * 3)

    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("notifications cannot be shown: ")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("address", ["unix:path=/nowhere/at/all", "disabled", ""])
def test_without_a_bus_nothing_is_shown_and_that_is_told_once(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.delenv("DISPLAY", raising=False)
    caplog.set_level(logging.INFO)

    show(*[Note("a", "b")] * 3)

    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("notifications cannot be shown: ")


def test_a_notification_daemon_that_comes_later_is_found(bus: str) -> None:
    async def shown() -> None:
        display = notify.display(lambda _: None)
        await display.show(Note("early", ""))
        with FakeNotificationDaemon(bus) as daemon:
            await display.show(Note("late", ""))
            assert [told.title for told in daemon.told] == ["late"]
        with FakeNotificationDaemon(bus) as next_daemon:
            await display.show(Note("to the next", ""))
            assert [told.title for told in next_daemon.told] == ["to the next"]
        display.close()

    asyncio.run(shown())


def test_a_notification_daemon_that_does_not_answer_is_not_waited_for(
    daemon: FakeNotificationDaemon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notify, "SHOW_SECONDS", 0.3)
    caplog.set_level(logging.INFO)
    daemon.fall_silent()

    show(Note("a", "b"))

    assert len(caplog.messages) == 1


def why_not() -> str:
    return notify.why_not(notify.display(notify.open_nothing))


@pytest.mark.usefixtures("daemon")
def test_where_a_notification_daemon_runs_nothing_is_in_the_way() -> None:
    assert why_not() == ""


@pytest.mark.usefixtures("bus")
def test_where_none_runs_the_reason_is_given() -> None:
    assert "org.freedesktop.Notifications" in why_not()


@pytest.fixture
def osascript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An osascript that writes its arguments down, each on a line."""
    folder = tmp_path / "bin"
    folder.mkdir()
    tool = folder / "osascript"
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/told"\n', "utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder / "told"


def test_the_script_of_macos_gets_title_and_text_as_arguments_and_never_as_code(osascript: Path) -> None:
    asyncio.run(Script().show(Note('a" & do shell script "x', "b")))

    told = osascript.read_text("utf-8").splitlines()
    assert told[-2:] == ['a" & do shell script "x', "b"]
    assert told[1] == "on run arguments"
    assert notify.why_not(Script()) == ""


def test_without_the_script_of_macos_nothing_is_shown_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    caplog.set_level(logging.INFO)

    asyncio.run(Script().show(Note("a", "b")))

    assert "cannot be shown" in caplog.messages[0]
    assert notify.why_not(Script()) == "there is no osascript"


def test_a_script_of_macos_that_hangs_is_ended(osascript: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "SHOW_SECONDS", 0.3)
    tool = osascript.parent / "osascript"
    tool.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")

    asyncio.run(Script().show(Note("a", "b")))
