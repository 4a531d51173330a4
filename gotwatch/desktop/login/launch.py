"""What is started at login: a program, its arguments, and the few variables that a login session does not have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

ENV = "/usr/bin/env"
CARRIED = ("HF_HOME", "HF_ENDPOINT", "CUDA_VISIBLE_DEVICES")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Launch:
    program: str
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()

    def by(self, program: str) -> "Launch":
        """The same, started by another program."""
        return replace(self, program=program)

    def without_environment(self) -> "Launch":
        """The same where no variables can be set: gotwatch itself is told to set them."""
        options = [word for name, value in self.environment for word in ("--env", f"{name}={value}")]
        return Launch(self.program, (*options, *self.arguments))


def words_of(launch: Launch) -> list[str]:
    """One command line for Linux, with the variables set by env.

    env stands first even where there is nothing to set: GLib and systemd look the program up before they undo the
    quoting of its name.
    """
    if "=" in launch.program:  # which env would take for a variable
        bare = launch.without_environment()
        return [bare.program, *bare.arguments]
    variables = [f"{name}={value}" for name, value in launch.environment]
    return [ENV, *variables, launch.program, *launch.arguments]


def launch_of(words: Sequence[str]) -> Launch | None:
    """What words_of() was made from; None where nothing would be started."""
    rest, environment = list(words), []
    if rest[:1] == [ENV]:
        rest.pop(0)
        while rest and (match := _ASSIGNMENT.fullmatch(rest[0])):
            environment.append((match[1], match[2]))
            rest.pop(0)
    return Launch(rest[0], tuple(rest[1:]), tuple(environment)) if rest else None
