"""Which program a login starts, so that it is still there the next time: told by paths alone."""

import filecmp
import os
import shutil
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gotwatch.errors import UsageError
from gotwatch.words import marked

COMMAND = "gotwatchw.exe" if os.name == "nt" else "gotwatch"
# Of uv's and pipx's folders, those whose environments go with the cache: uvx, uv run, pipx run.
CACHES = frozenset({".cache", "archive-v0", "environments-v2", "builds-v0"})
INSTALL = marked("Install gotwatch for good, with uv tool install or pipx install, and switch it on from there.")


@dataclass(frozen=True, slots=True)
class Installation:
    """The environment that this gotwatch runs in."""

    prefix: Path
    command: Path  # its own gotwatch command
    on_path: Path | None  # the one that a person would start by its name
    temporary: Path


def this_installation() -> Installation:
    found = shutil.which(COMMAND)
    return Installation(
        Path(sys.prefix),
        Path(sysconfig.get_path("scripts")) / COMMAND,
        Path(os.path.abspath(found)) if found else None,  # noqa: PTH100 - the link itself, which outlives an upgrade
        Path(tempfile.gettempdir()),
    )


def durable(installation: Installation) -> str:
    """The command to start at login. Raises UsageError where none will stay."""
    if reason := _why_it_goes(installation):
        raise UsageError(f"gotwatch runs from {installation.prefix}, which {reason}.", hint=INSTALL)
    if not installation.command.is_file():
        raise UsageError(f"There is no command {installation.command} that could be started.", hint=INSTALL)
    if installation.on_path and _is_same(installation.on_path, installation.command):
        return str(installation.on_path)
    return str(installation.command)


def _why_it_goes(installation: Installation) -> str:
    prefix = installation.prefix.resolve()
    if CACHES & set(prefix.parts):
        return marked("is a cache, as of uvx and pipx run, and is cleared some day")
    if prefix.is_relative_to(installation.temporary.resolve()):
        return marked("lies in the folder for temporary files")
    return ""


def _is_same(first: Path, second: Path) -> bool:
    """By content: uv and pipx put a link on the path, or on Windows a copy; the content names the environment."""
    try:
        return filecmp.cmp(first, second, shallow=False)
    except OSError:
        return False


def is_there(program: str) -> bool:
    return os.path.isfile(program) and os.access(program, os.X_OK)  # noqa: PTH113 - Path's may raise
