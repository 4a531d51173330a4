"""What a desk opens: an xdg-open that writes it down instead."""

import os

from tests.desk import Desk

OPENER = '#!/bin/sh\necho "$@" >> "$HOME/opened"\n'


def note_what_is_opened(desk: Desk) -> None:
    """From the next start on."""
    programs = desk.root / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "xdg-open").write_text(OPENER, "utf-8")
    (programs / "xdg-open").chmod(0o755)
    desk.session = {**desk.session, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def opened(desk: Desk) -> list[str]:
    """What was opened, in turn."""
    noted = desk.root / "opened"
    return noted.read_text("utf-8").splitlines() if noted.exists() else []
