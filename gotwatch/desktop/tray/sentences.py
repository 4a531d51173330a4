"""What the tray says in a line or two: of what goes on, and of what a person should look after."""

from datetime import datetime

from gotwatch.desktop.tray.view import Activity, Folder, InWork, View
from gotwatch.documents import shown
from gotwatch.words import retell, say, say_count

LONGEST_NAME = 40
SECONDS_TO_SAY = 90
MINUTES_TO_SAY = 90


def headline(view: View) -> str:
    """What goes on."""
    match view.activity:
        case Activity.PAUSED:
            return _paused(view.paused_until)
        case Activity.HELD:
            return say("Held: {reason}", reason=retell(view.held_reason))
        case Activity.WORKING:
            return _working(view)
        case Activity.IDLE:
            return _idle(view)


def worries(view: View) -> list[str]:
    """What will not mend itself, or not soon."""
    lines = [_trouble(folder) for folder in view.folders if folder.trouble]
    if view.failed_count:
        lines.append(say_count("{count} file could not be read", "{count} files could not be read", view.failed_count))
    return lines + [say("A part of gotwatch has stopped: {problem}", problem=problem) for problem in view.problems]


def short_name(name: str) -> str:
    """*name* in one line, its middle left out where it is long: the end tells the kind and the number."""
    name = shown(name)
    if len(name) <= LONGEST_NAME:
        return name
    tail = LONGEST_NAME // 2
    return f"{name[: LONGEST_NAME - tail - 1]}…{name[-tail:]}"


def duration(seconds: float) -> str:
    """As exact as it is known."""
    if seconds < SECONDS_TO_SAY:
        return say("about {number} s", number=max(10 * round(seconds / 10), 10))
    minutes = round(seconds / 60)
    if minutes < MINUTES_TO_SAY:
        return say("about {number} min", number=minutes)
    return say("about {number} h", number=round(minutes / 60))


def _paused(until: datetime | None) -> str:
    return say("Paused until {time}", time=f"{until.astimezone():%H:%M}") if until else say("Paused")


def _working(view: View) -> str:
    if view.engine_message:
        return retell(view.engine_message)
    known = [one for one in view.in_work if one.pages] or list(view.in_work)
    if not known:
        return say_count("About to read {count} file", "About to read {count} files", view.left)
    reading, others = _reading(known[0]), view.left - 1
    if others <= 0:
        return reading
    return say_count("{reading}, and {count} file more", "{reading}, and {count} files more", others, reading=reading)


def _reading(one: InWork) -> str:
    name = short_name(one.path.name)
    if not one.pages:
        return say("Reading {name}", name=name)
    if one.seconds_left is None:
        return say("Reading {name}, page {page} of {pages}", name=name, page=one.page, pages=one.pages)
    time = duration(one.seconds_left)
    return say(
        "Reading {name}, page {page} of {pages}, {time} left", name=name, page=one.page, pages=one.pages, time=time
    )


def _idle(view: View) -> str:
    if view.left:
        return say_count("{count} file waits to be tried again", "{count} files wait to be tried again", view.left)
    return say("Nothing more to read") if view.failed_count else say("All is read")


def _trouble(folder: Folder) -> str:
    name = short_name(str(folder.path))
    if folder.state == "waiting for folder":
        return say("Waiting for the folder {name}", name=name)
    if folder.state == "no access":
        return say("No access to the folder {name}", name=name)
    return say("The folder {name} is held: {why}", name=name, why=retell(folder.trouble))
