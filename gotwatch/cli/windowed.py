"""gotwatchw: gotwatch without a terminal, for start-up entries on Windows and for whoever clicks it."""

import asyncio
import sys

from gotwatch import streams, words
from gotwatch.cli.main import main as command_line
from gotwatch.desktop import notify
from gotwatch.desktop.news import Note


def main() -> int:
    streams.ensure()
    return command_line(["--windowed", *(sys.argv[1:] or ["run"])], tell=_tell)


def _tell(message: str, hint: str) -> None:
    """Nobody sees what is printed."""
    note = Note(words.say("gotwatch cannot start"), "\n".join(filter(None, map(words.retell, (message, hint)))))
    asyncio.run(_show(note))


async def _show(note: Note) -> None:
    display = notify.display(notify.open_nothing)
    await display.show(note)
    display.close()
