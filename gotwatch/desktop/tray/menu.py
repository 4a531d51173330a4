"""The tray's menu, as records: what it offers in which state."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gotwatch.desktop.tray.sentences import headline, short_name, worries
from gotwatch.desktop.tray.view import Activity, FailedFile, Result, View
from gotwatch.words import retell, say, say_count

WORRIES = 3
LINE_WIDTH = 60
MOST_LINES = 5


class Do(StrEnum):
    PAUSE = "pause"
    PAUSE_FOR_AN_HOUR = "pause for an hour"
    RESUME = "resume"
    SCAN = "scan"
    RETRY = "retry"
    RETRY_ALL = "retry all"
    FORGET = "forget"
    OPEN = "open"
    OPEN_TEXT = "open as text"
    START_AT_LOGIN = "start at login"
    DO_NOT_START_AT_LOGIN = "do not start at login"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Order:
    """What a click asks for."""

    do: Do
    target: str = ""  # a path, or an address to open


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the menu. Its id stays the same for as long as it means the same, whatever it says."""

    id: str
    text: str = ""  # "": a line between two groups
    order: Order | None = None  # None: it only tells, or opens a submenu
    checked: bool | None = None  # None: nothing to check
    children: tuple["Entry", ...] = ()
    is_default: bool = False  # what a click on the icon itself does

    @property
    def is_separator(self) -> bool:
        return not self.text

    @property
    def is_enabled(self) -> bool:
        return self.order is not None or bool(self.children)


@dataclass(frozen=True, slots=True)
class Files:
    """What gotwatch's own entries open."""

    config: str
    log: str


def menu(view: View, files: Files) -> tuple[Entry, ...]:
    groups = (_state(view), _control(view), [_results(view), *_failures(view)], _places(view), _program(view, files))
    entries: list[Entry] = []
    for number, group in enumerate(groups):
        if number:
            entries.append(Entry(id=f"line {number}"))
        entries += group
    return tuple(entries)


def _state(view: View) -> list[Entry]:
    lines = worries(view)
    shown = (
        lines
        if len(lines) <= WORRIES
        else [*lines[: WORRIES - 1], say("… and {number} more", number=len(lines) - WORRIES + 1)]
    )
    told = [Entry(id=f"worry {number}", text=line) for number, line in enumerate(shown, 1)]
    return [Entry(id="state", text=headline(view)), *told, *_refusal(view)]


def _refusal(view: View) -> list[Entry]:
    """Why nothing came of the last click, in a submenu, as it may be long."""
    if not view.refusal:
        return []
    lines = [Entry(id=f"refusal {number}", text=line) for number, line in enumerate(_lines(view.refusal), 1)]
    return [Entry(id="refusal", text=say("That did not work"), children=tuple(lines))]


def _control(view: View) -> list[Entry]:
    is_paused = view.activity is Activity.PAUSED
    text, do = (say("Resume"), Do.RESUME) if is_paused else (say("Pause"), Do.PAUSE)
    return [
        Entry(id="pause", text=text, order=Order(do)),
        Entry(id="pause for an hour", text=say("Pause for 1 hour"), order=Order(Do.PAUSE_FOR_AN_HOUR)),
        Entry(id="scan", text=say("Scan now"), order=Order(Do.SCAN)),
    ]


def _results(view: View) -> Entry:
    if not view.results:
        return Entry(id="results", text=say("No results yet"))
    return Entry(id="results", text=say("Last results"), children=tuple(map(_result, view.results)))


def _result(result: Result) -> Entry:
    order = Order(Do.OPEN, str(result.output))
    return Entry(id=f"result {result.source}", text=short_name(result.source.name), order=order)


def _failures(view: View) -> Iterator[Entry]:
    if view.failed:
        all_again = Entry(id="retry all", text=say("Try all again"), order=Order(Do.RETRY_ALL))
        unnamed = view.failed_count - len(view.failed)
        more = [Entry(id="more failed", text=_more_files(unnamed))] if unnamed > 0 else []
        children = (*map(_failed, view.failed), *more, Entry(id="line failed"), all_again)
        yield Entry(id="failed", text=say("Could not be read"), children=children)


def _more_files(count: int) -> str:
    return say_count("… and {count} file more", "… and {count} files more", count)


def _failed(file: FailedFile) -> Entry:
    key, path = f"failed {file.path}", str(file.path)
    why = [Entry(id=f"{key} why {number}", text=line) for number, line in enumerate(_lines(file.error, file.hint), 1)]
    children = (
        *why,
        Entry(id=f"{key} line"),
        Entry(id=f"{key} retry", text=say("Try again"), order=Order(Do.RETRY, path)),
        Entry(id=f"{key} open", text=say("Open the file"), order=Order(Do.OPEN, path)),
        Entry(id=f"{key} forget", text=say("Leave it unread"), order=Order(Do.FORGET, path)),
    )
    return Entry(id=key, text=short_name(file.path.name), children=children)


def _lines(*texts: str) -> list[str]:
    """The reason in lines that a menu can hold."""
    lines = [line for text in texts for line in textwrap.wrap(retell(text), LINE_WIDTH)]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "…"]


def _places(view: View) -> list[Entry]:
    outputs = list(dict.fromkeys(str(folder.output) for folder in view.folders))
    places = [_output_folder(outputs, is_default=not view.status_page)] if outputs else []
    if view.status_page:
        order = Order(Do.OPEN, view.status_page)
        places.append(Entry(id="status page", text=say("Open status page"), order=order, is_default=True))
    return places


def _output_folder(outputs: Sequence[str], *, is_default: bool) -> Entry:
    if len(outputs) == 1:
        order = Order(Do.OPEN, outputs[0])
        return Entry(id="output", text=say("Open output folder"), order=order, is_default=is_default)
    children = [Entry(id=f"output {path}", text=short_name(path), order=Order(Do.OPEN, path)) for path in outputs]
    return Entry(id="output", text=say("Open output folder"), children=tuple(children))


def _program(view: View, files: Files) -> list[Entry]:
    login = []
    if view.starts_at_login is not None:
        other = Do.DO_NOT_START_AT_LOGIN if view.starts_at_login else Do.START_AT_LOGIN
        login = [Entry(id="login", text=say("Start at login"), order=Order(other), checked=view.starts_at_login)]
    return [
        *login,
        Entry(id="settings", text=say("Settings"), order=Order(Do.OPEN_TEXT, files.config)),
        Entry(id="log", text=say("Log"), order=Order(Do.OPEN_TEXT, files.log)),
        Entry(id="quit", text=say("Quit"), order=Order(Do.QUIT)),
    ]
