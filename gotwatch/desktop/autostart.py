"""Whether gotwatch starts when its user logs in: says it, and switches it on and off, on any system."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gotwatch.config.places import StateFolder
from gotwatch.desktop.login import program
from gotwatch.desktop.login.entry import Entry, Seen
from gotwatch.desktop.login.launch import CARRIED, Launch
from gotwatch.desktop.login.launchd import LaunchAgent, agents_folder
from gotwatch.desktop.login.runkey import RunKey
from gotwatch.desktop.login.systemd import UserUnit
from gotwatch.desktop.login.texts import NO_TRAY
from gotwatch.desktop.login.xdg import DesktopFile, config_home
from gotwatch.errors import StoreUnusable, UsageError
from gotwatch.words import marked

AT_LOGIN = "--at-login"
SWITCH_ON = marked("Switch it on with: gotwatch autostart on")


class Way(StrEnum):
    """Who starts it. Only Linux has two."""

    DESKTOP = "desktop"
    SYSTEMD = "systemd"


class State(StrEnum):
    ON = "on"
    OFF = "off"
    SWITCHED_OFF = "switched off"  # in the system's settings, which leave our entry where it is
    BROKEN = "broken"  # the program that it would start is gone


@dataclass(frozen=True, slots=True)
class Status:
    state: State
    message: str
    hint: str = ""
    place: str = ""  # of the entry, if there is one
    command: tuple[str, ...] = ()

    @property
    def is_on(self) -> bool:
        return self.state is State.ON


class Autostart:
    """All methods may be called from any thread. They raise UsageError and StoreUnusable, with what to do."""

    def __init__(
        self,
        entries: Mapping[Way, Entry],
        options: Sequence[str],
        *,
        find_program: Callable[[], str],
        environment: Mapping[str, str],
    ) -> None:
        """*options*: of gotwatch itself, to stand before "run". *environment*: ours, of which some is carried over."""
        self._entries = entries
        self._options = tuple(options)
        self._find_program = find_program
        self._carried = tuple((name, environment[name]) for name in CARRIED if environment.get(name))

    def status(self) -> Status:
        for _, _, seen in self._found():
            return _status(seen)
        return Status(State.OFF, marked("gotwatch does not start at login."), SWITCH_ON)

    def switch_on(self, way: Way | None = None, *, tray: bool = True) -> Status:
        """From the next login on. *way*: None keeps the one that there is, or takes the desktop's."""
        way = way or next((way for way, _, _ in self._found()), Way.DESKTOP)
        if way not in self._entries:
            raise UsageError("Only Linux has systemd.", hint=SWITCH_ON)
        arguments = (*self._options, "run", *([] if tray else [NO_TRAY]), AT_LOGIN)
        self._write(self._entries[way], Launch(self._find_program(), arguments, self._carried))
        for other, entry in self._entries.items():
            if other is not way:  # or two would start
                self._remove(entry)
        return self.status()

    def switch_off(self) -> Status:
        for entry in self._entries.values():
            self._remove(entry)
        return self.status()

    def mend(self) -> Status:
        """Where the program is gone, let the entry start this gotwatch instead, as it was started."""
        for _, entry, seen in self._found():
            if seen.launch and _status(seen).state is State.BROKEN:
                self._write(entry, seen.launch.by(self._find_program()))
        return self.status()

    def _found(self) -> list[tuple[Way, Entry, Seen]]:
        try:
            looks = [(way, entry, entry.look()) for way, entry in self._entries.items()]
        except OSError as exc:
            raise StoreUnusable(
                f"It cannot be seen whether gotwatch starts at login: {exc}.", hint="Check the permissions."
            ) from exc
        return [(way, entry, seen) for way, entry, seen in looks if seen]

    def _write(self, entry: Entry, launch: Launch) -> None:
        entry.check(launch)
        try:
            entry.write(launch)
        except OSError as exc:
            raise StoreUnusable(
                f"The entry that starts gotwatch at login cannot be written: {exc}.", hint="Check the permissions."
            ) from exc

    def _remove(self, entry: Entry) -> None:
        try:
            entry.remove()
        except OSError as exc:
            raise StoreUnusable(
                f"The entry that starts gotwatch at login cannot be removed: {exc}.", hint="Remove it by hand."
            ) from exc


def _status(seen: Seen) -> Status:
    command = (seen.launch.program, *seen.launch.arguments) if seen.launch else ()
    if seen.switched_off:
        message = marked(f"gotwatch does not start at login: switched off by {seen.switched_off}.")
        return Status(State.SWITCHED_OFF, message, SWITCH_ON, seen.place, command)
    if seen.launch is None:
        return Status(
            State.BROKEN, marked(f"The entry {seen.place} does not say what to start."), SWITCH_ON, seen.place
        )
    if not program.is_there(seen.launch.program):
        message = marked(f"gotwatch would start at login, but {seen.launch.program} is gone.")
        return Status(State.BROKEN, message, SWITCH_ON, seen.place, command)
    return Status(State.ON, marked("gotwatch starts at login."), "", seen.place, command)


def for_this_system(state: StateFolder, options: Sequence[str]) -> Autostart:
    return Autostart(
        _entries(state),
        options,
        find_program=lambda: program.durable(program.this_installation()),
        environment=os.environ,
    )


def _entries(state: StateFolder) -> dict[Way, Entry]:
    if sys.platform == "win32":
        return {Way.DESKTOP: RunKey(importlib.import_module("winreg"))}
    if sys.platform == "darwin":
        return {Way.DESKTOP: LaunchAgent(agents_folder(), errors=state.printed, user=os.getuid())}
    return {Way.DESKTOP: DesktopFile(config_home()), Way.SYSTEMD: UserUnit(config_home())}
