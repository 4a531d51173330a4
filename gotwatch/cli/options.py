"""The options that stand before the command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    config: Path | None
    state_dir: Path | None
    windowed: bool = False  # started by a click or at login, and seen by nobody
