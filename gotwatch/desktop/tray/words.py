"""What the tray says in a line or two: of what goes on, and of what a person should look after."""

from datetime import datetime

from gotwatch.desktop.tray.view import Activity, Folder, InWork, View
from gotwatch.documents import counted, shown

LONGEST_NAME = 40
SECONDS_TO_SAY = 90
MINUTES_TO_SAY = 90


def headline(view: View) -> str:
    """What goes on."""
    match view.activity:
        case Activity.PAUSED:
            return _paused(view.paused_until)
        case Activity.HELD:
            return "Held: {reason}".format(reason=view.held_reason)
        case Activity.WORKING:
            return _working(view)
        case Activity.IDLE:
            return _idle(view)


def worries(view: View) -> list[str]:
    """What will not mend itself, or not soon."""
    lines = [_trouble(folder) for folder in view.folders if folder.trouble]
    if view.failed_count:
        lines.append("{files} could not be read".format(files=counted(view.failed_count, "file")))
    return lines + ["A part of gotwatch has stopped: {problem}".format(problem=problem) for problem in view.problems]


def short_name(name: str) -> str:
    """*name* in one line, its middle left out where it is long: the end tells the kind and the number."""
    name = shown(name)
    if len(name) <= LONGEST_NAME:
        return name
    tail = LONGEST_NAME // 2
    return f"{name[: LONGEST_NAME - tail - 1]}…{name[-tail:]}"


def duration(seconds: float) -> str:
    """ "about 40 s", "about 2 min", "about 2 h"."""
    if seconds < SECONDS_TO_SAY:
        return "about {seconds} s".format(seconds=max(10 * round(seconds / 10), 10))
    minutes = round(seconds / 60)
    if minutes < MINUTES_TO_SAY:
        return "about {minutes} min".format(minutes=minutes)
    return "about {hours} h".format(hours=round(minutes / 60))


def _paused(until: datetime | None) -> str:
    return "Paused until {time}".format(time=f"{until.astimezone():%H:%M}") if until else "Paused"


def _working(view: View) -> str:
    if view.engine_message:
        return view.engine_message
    known = [one for one in view.in_work if one.pages] or list(view.in_work)
    if not known:
        return "About to read {files}".format(files=counted(view.left, "file"))
    others = view.left - 1
    more = ", and {files} more".format(files=counted(others, "file")) if others > 0 else ""
    return _reading(known[0]) + more


def _reading(one: InWork) -> str:
    name = short_name(one.path.name)
    if not one.pages:
        return "Reading {name}".format(name=name)
    line = "Reading {name}, page {page} of {pages}".format(name=name, page=one.page, pages=one.pages)
    return (
        line if one.seconds_left is None else "{line}, {time} left".format(line=line, time=duration(one.seconds_left))
    )


def _idle(view: View) -> str:
    if view.left:
        return "{files} wait to be tried again".format(files=counted(view.left, "file"))
    return "All is read"


def _trouble(folder: Folder) -> str:
    name = short_name(str(folder.path))
    if folder.state == "waiting for folder":
        return "Waiting for the folder {name}".format(name=name)
    if folder.state == "no access":
        return "No access to the folder {name}".format(name=name)
    return "The folder {name} is held: {why}".format(name=name, why=folder.trouble)
