"""What can stand in a command line so that all of Linux's desktops start just that."""

import re

from gotwatch.desktop.login.launch import Launch
from gotwatch.documents import shown
from gotwatch.errors import UsageError
from gotwatch.words import marked

# systemd 252, which starts the entries in KDE, writes \$ and \ into the unit that it makes, and then does not
# understand them. A program's name is looked up by GLib and systemd before %% and \" are undone.
_UNSAFE = re.compile(r"[$\\`\x00-\x1f\x7f\ud800-\udfff]")
_UNSAFE_IN_PROGRAM = re.compile(r'[$\\`%"\x00-\x1f\x7f\ud800-\udfff]')
_NAMES = {"\n": marked("a line break"), "\t": marked("a tab")}


def check(launch: Launch) -> None:
    """Raises UsageError."""
    if found := _UNSAFE_IN_PROGRAM.search(launch.program):
        raise _refused(launch.program, found[0], marked("Install gotwatch in a folder without such characters."))
    values = [f"{name}={value}" for name, value in launch.environment]
    for word in (*launch.arguments, *values):
        if found := _UNSAFE.search(word):
            raise _refused(word, found[0], marked("Choose a path or value without such characters."))


def _refused(word: str, character: str, hint: str) -> UsageError:
    name = _NAMES.get(character, character if character.isprintable() else marked("a control character"))
    return UsageError(f"{shown(word)} cannot be started at login, because of {name} in it.", hint=hint)
