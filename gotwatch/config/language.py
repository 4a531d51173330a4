"""The language that a config asks for. Known before anything else of it, and at little cost: also --help speaks it."""

import tomllib
from pathlib import Path

from gotwatch import words


def wish(path: Path) -> str:
    """One of words.LANGUAGES. A config that cannot be read is complained of elsewhere, in the system's language."""
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))["messages"]["language"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return words.AUTO
    return found if found in words.LANGUAGES else words.AUTO
