"""What the tray says and offers in which state."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gotwatch.desktop.tray.face import Face, Look, Mood, face, look
from gotwatch.desktop.tray.menu import Do, Entry, Files, Order, menu
from gotwatch.desktop.tray.sentences import duration, headline, short_name, worries
from gotwatch.desktop.tray.view import Activity, FailedFile, Folder, InWork, Result, View, view_of

FILES = Files(config="/c/config.toml", log="/s/gotwatch.log")
HERE = Folder(Path("/in"), Path("/out"), "watching", "")
IDLE = View(activity=Activity.IDLE, folders=(HERE,), starts_at_login=False)
WORKING = replace(IDLE, activity=Activity.WORKING, left=1)
PAUSED = replace(IDLE, activity=Activity.PAUSED)
LOST = Folder(Path("/stick"), Path("/out"), "waiting for folder", "It is not there")
DAMAGED = FailedFile(Path("/in/a.pdf"), "a.pdf is damaged", "Scan it again.")
INVOICE = InWork(Path("/in/invoice.pdf"), 3, 12, 118.0)


def lines(view: View) -> list[str]:
    return [entry.text for entry in menu(view, FILES)]


def entry(view: View, *ids: str) -> Entry:
    """Down through the submenus."""
    entries = menu(view, FILES)
    for one in ids:
        found = next(entry for entry in entries if entry.id == one)
        entries = found.children
    return found


def all_entries(entries: tuple[Entry, ...]) -> list[Entry]:
    return [one for entry in entries for one in (entry, *all_entries(entry.children))]


def test_the_menu_of_an_idle_gotwatch() -> None:
    assert lines(IDLE) == [
        *("All is read", ""),
        *("Pause", "Pause for 1 hour", "Scan now", ""),
        *("No results yet", ""),
        *("Open output folder", ""),
        *("Start at login", "Settings", "Log", "Quit"),
    ]


def test_the_first_line_tells_the_page_and_the_time_left() -> None:
    working = replace(WORKING, in_work=(INVOICE,))

    assert headline(working) == "Reading invoice.pdf, page 3 of 12, about 2 min left"
    assert not menu(working, FILES)[0].is_enabled


@pytest.mark.parametrize(
    ("view", "line"),
    [
        (replace(WORKING, in_work=(replace(INVOICE, seconds_left=None),)), "Reading invoice.pdf, page 3 of 12"),
        (replace(WORKING, in_work=(InWork(Path("/in/a.png"), 1, 0, None),)), "Reading a.png"),
        (
            replace(WORKING, in_work=(INVOICE,), left=31),
            "Reading invoice.pdf, page 3 of 12, about 2 min left, and 30 files more",
        ),
        (
            replace(WORKING, in_work=(INVOICE, InWork(Path("/in/b.png"), 1, 1, None)), left=2),
            "Reading invoice.pdf, page 3 of 12, about 2 min left, and 1 file more",
        ),
        (replace(WORKING, engine_message="Downloading, 34 %", in_work=(INVOICE,)), "Downloading, 34 %"),
        (replace(WORKING, left=2), "About to read 2 files"),
        (PAUSED, "Paused"),
        (replace(IDLE, activity=Activity.HELD, held_reason="The disk is full."), "Held: The disk is full."),
        (replace(IDLE, left=2), "2 files wait to be tried again"),
        (IDLE, "All is read"),
        (replace(IDLE, failed=(DAMAGED,), failed_count=1), "Nothing more to read"),
    ],
)
def test_the_first_line_tells_what_goes_on(view: View, line: str) -> None:
    assert headline(view) == line


def test_a_pause_with_an_end_tells_its_time_of_day() -> None:
    until = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)

    assert headline(replace(PAUSED, paused_until=until)) == f"Paused until {until.astimezone():%H:%M}"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "10 s"), (44, "40 s"), (89, "90 s"), (90, "2 min"), (3600, "60 min"), (5400, "2 h"), (90000, "25 h")],
)
def test_times_are_rounded_to_what_is_known_of_them(seconds: float, text: str) -> None:
    assert duration(seconds) == f"about {text}"


def test_a_long_name_keeps_its_end_and_stays_in_one_line() -> None:
    name = short_name("a very long name\nof a document that somebody scanned (3).pdf")

    assert len(name) <= 40
    assert name.endswith("somebody scanned (3).pdf"[-20:])
    assert "\n" not in name


def test_pause_becomes_resume_in_the_same_place() -> None:
    assert entry(IDLE, "pause").text == "Pause"
    assert entry(PAUSED, "pause").text == "Resume"
    assert entry(PAUSED, "pause").order == Order(Do.RESUME)
    assert [one.id for one in menu(IDLE, FILES)] == [one.id for one in menu(PAUSED, FILES)]


def test_the_last_results_open_their_pages() -> None:
    view = replace(IDLE, results=(Result(Path("/in/b.png"), Path("/out/b.png.html")),))

    result = entry(view, "results", "result /in/b.png")

    assert (result.text, result.order) == ("b.png", Order(Do.OPEN, "/out/b.png.html"))


def test_a_failed_file_has_its_reason_in_lines_that_fit_and_what_can_be_done() -> None:
    long = replace(DAMAGED, error="It cannot be read, " + "for many reasons, " * 30)
    view = replace(IDLE, failed=(long,), failed_count=1)

    children = entry(view, "failed", "failed /in/a.pdf").children

    assert all(len(child.text) <= 60 for child in children)
    assert children[5].text == "…"
    assert [child.order for child in children if child.order] == [
        Order(Do.RETRY, "/in/a.pdf"),
        Order(Do.OPEN, "/in/a.pdf"),
        Order(Do.FORGET, "/in/a.pdf"),
    ]


def test_the_reason_ends_with_the_advice() -> None:
    children = entry(replace(IDLE, failed=(DAMAGED,), failed_count=1), "failed", "failed /in/a.pdf").children

    assert [child.text for child in children[:2]] == ["a.pdf is damaged", "Scan it again."]


def test_more_failed_files_than_are_named_are_counted() -> None:
    view = replace(IDLE, failed=(DAMAGED,), failed_count=12)

    assert [child.text for child in entry(view, "failed").children] == [
        "a.pdf",
        "… and 11 files more",
        "",
        "Try all again",
    ]
    assert entry(view, "failed", "retry all").order == Order(Do.RETRY_ALL)


def test_several_output_folders_are_a_submenu() -> None:
    other = Folder(Path("/in2"), Path("/out2"), "watching", "")
    view = replace(IDLE, folders=(HERE, other, replace_folder(other, output=Path("/out"))))

    assert [child.order for child in entry(view, "output").children] == [
        Order(Do.OPEN, "/out"),
        Order(Do.OPEN, "/out2"),
    ]


def replace_folder(folder: Folder, *, output: Path) -> Folder:
    return replace(folder, output=output)


def test_a_click_on_the_icon_opens_the_status_page_or_else_the_output_folder() -> None:
    def default(view: View) -> list[str]:
        return [one.id for one in menu(view, FILES) if one.is_default]

    assert default(IDLE) == ["output"]
    assert default(replace(IDLE, status_page="http://127.0.0.1:8765/")) == ["status page"]


def test_start_at_login_is_offered_where_it_can_be_switched() -> None:
    on = entry(replace(IDLE, starts_at_login=True), "login")

    assert (on.checked, on.order) == (True, Order(Do.DO_NOT_START_AT_LOGIN))
    assert entry(IDLE, "login").order == Order(Do.START_AT_LOGIN)
    assert "Start at login" not in lines(replace(IDLE, starts_at_login=None))


def test_ids_are_unique() -> None:
    results = tuple(Result(Path(f"/in/{number}.png"), Path("/out/x")) for number in range(5))
    view = replace(
        IDLE,
        results=results,
        failed=(DAMAGED, FailedFile(Path("/in/b.pdf"), "why", "")),
        failed_count=9,
        folders=(HERE, LOST),
    )

    ids = [one.id for one in all_entries(menu(view, FILES))]

    assert len(ids) == len(set(ids))


def test_worries_beyond_three_are_counted() -> None:
    many = tuple(Folder(Path(f"/stick{number}"), Path("/out"), "no access", "why") for number in range(5))
    view = replace(IDLE, folders=many)

    assert lines(view)[1:5] == [
        "No access to the folder /stick0",
        "No access to the folder /stick1",
        "… and 3 more",
        "",
    ]


def test_paused_and_a_missing_folder_are_both_told_and_both_on_the_icon() -> None:
    view = replace(PAUSED, folders=(LOST,))

    shown = face(view, FILES)

    assert shown.title == "gotwatch: Paused. Waiting for the folder /stick"
    assert shown.look == Look(Mood.PAUSED, is_marked=True)


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        (IDLE, Look(Mood.IDLE)),
        (PAUSED, Look(Mood.PAUSED)),
        (WORKING, Look(Mood.WORKING)),
        (replace(WORKING, in_work=(INVOICE,)), Look(Mood.WORKING, 16)),
        (replace(WORKING, in_work=(INVOICE, InWork(Path("/b"), 9, 12, None))), Look(Mood.WORKING, 41)),
        (replace(WORKING, failed=(DAMAGED,), failed_count=1), Look(Mood.WORKING, is_marked=True)),
        (replace(IDLE, activity=Activity.HELD), Look(Mood.NEEDS_YOU)),
        (replace(IDLE, failed=(DAMAGED,), failed_count=1), Look(Mood.NEEDS_YOU)),
        (replace(IDLE, folders=(LOST,)), Look(Mood.NEEDS_YOU)),
        (replace(IDLE, problems=("inbox: OSError",)), Look(Mood.NEEDS_YOU)),
    ],
)
def test_the_icon_tells_the_state(view: View, wanted: Look) -> None:
    assert look(view) == wanted


def status(**changes: Any) -> dict[str, Any]:
    """What `gotwatch status --json` prints."""
    queue = dict.fromkeys(("queued", "reading", "waiting", "done", "done_with_warnings", "failed", "ignored"), 0)
    folder = {"path": "/in", "output": "/out", "state": "watching", "held": False, "why": "", "detection": "events"}
    return {
        "state": "idle",
        "held_reason": None,
        "paused_until": None,
        "queue": queue,
        "folders": [folder],
        "engine": {"message": ""},
        "current": [],
        "recent": [],
        "failed": [],
        "problems": [],
    } | changes


def ended(name: str, *outputs: str) -> dict[str, Any]:
    return {"path": f"/in/{name}", "outputs": list(outputs), "error": None, "hint": None}


def test_the_view_is_taken_from_the_status() -> None:
    recent = [ended(f"{number}.png", f"/out/{number}.txt", f"/out/{number}.html") for number in range(8)]
    view = view_of(status(recent=[ended("failed.pdf"), *recent]), starts_at_login=True)

    assert [result.output for result in view.results] == [Path(f"/out/{number}.html") for number in range(5)]
    assert view == replace(IDLE, results=view.results, starts_at_login=True)


@pytest.mark.parametrize(
    ("change", "worry"),
    [
        ({"why": "polled: the volume does not tell of changes"}, []),
        ({"state": "waiting for folder", "why": "It is not there"}, ["Waiting for the folder /in"]),
        ({"state": "no access", "why": "Permission denied"}, ["No access to the folder /in"]),
        ({"held": True, "why": "The disk is full"}, ["The folder /in is held: The disk is full"]),
    ],
)
def test_a_folder_worries_when_nothing_comes_of_it(change: dict[str, Any], worry: list[str]) -> None:
    described = status()
    described["folders"][0] |= change

    assert worries(view_of(described, starts_at_login=None)) == worry


def test_two_faces_of_the_same_state_are_equal() -> None:
    first, second = (face(view_of(status(), starts_at_login=None), FILES) for _ in range(2))

    assert isinstance(first, Face)
    assert first == second
