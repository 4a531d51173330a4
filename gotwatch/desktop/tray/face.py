"""All that the tray shows at one moment: the icon's look, what is said beside it, and the menu."""

from dataclasses import dataclass
from enum import StrEnum

from gotwatch.desktop.tray.menu import Entry, Files, menu
from gotwatch.desktop.tray.sentences import headline, worries
from gotwatch.desktop.tray.view import Activity, View


class Mood(StrEnum):
    IDLE = "idle"
    WORKING = "working"
    PAUSED = "paused"
    NEEDS_YOU = "needs you"


@dataclass(frozen=True, slots=True)
class Look:
    """The icon."""

    mood: Mood
    percent: int = 0  # of the document in work
    is_marked: bool = False  # it works or is paused, and yet there is something to look after


@dataclass(frozen=True, slots=True)
class Face:
    look: Look
    title: str
    menu: tuple[Entry, ...]


def face(view: View, files: Files) -> Face:
    title = ". ".join(line.rstrip(".") for line in (headline(view), *worries(view)))
    return Face(look(view), f"gotwatch: {title}", menu(view, files))


def look(view: View) -> Look:
    worried = bool(worries(view))
    match view.activity:
        case Activity.PAUSED:
            return Look(Mood.PAUSED, is_marked=worried)
        case Activity.WORKING:
            return Look(Mood.WORKING, _percent(view), worried)
        case Activity.HELD:
            return Look(Mood.NEEDS_YOU)
        case Activity.IDLE:
            return Look(Mood.NEEDS_YOU if worried else Mood.IDLE)


def _percent(view: View) -> int:
    """Of all documents in work together."""
    pages = sum(one.pages for one in view.in_work)
    done = sum(one.page - 1 for one in view.in_work if one.pages)
    return 100 * done // pages if pages else 0
