"""The options that stand before the command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    config: Path | None
    state_dir: Path | None
