"""Where a rendered page is kept under the name that a caller chose, and which names it may choose."""

from pathlib import Path

from gotwatch.errors import DestinationUnavailable, UsageError
from gotwatch.results import disk, names
from gotwatch.results.refusals import explained

_SUFFIXES = (".html", ".htm")


def check_name(name: str) -> str:
    """*name*, which is no path and no device, on no system. Raises UsageError."""
    if not names.is_portable(name):
        raise UsageError(
            "save_render_file must be a bare name, without folders, such as 1.html",
            hint="Leave out separators, drive letters, leading dots, and names that Windows keeps for devices.",
        )
    if not name.lower().endswith(_SUFFIXES):
        raise UsageError("save_render_file must end with .html", hint="An HTML page is all that is saved.")
    return name


def save(folder: Path, name: str, content: bytes) -> None:
    """Put *content* there whole, in place of what was rendered under this name before.

    Raises DestinationUnavailable.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DestinationUnavailable(
            f"The folder for results cannot be made: {error.strerror}", hint="Set server.results to another place."
        ) from error
    with explained(folder):
        disk.write_whole(folder / name, content)
