"""Where a command puts its file if it is not told."""

from pathlib import Path

from gotwatch.documents import shown
from gotwatch.errors import UsageError


def free(target: Path, *, option: str) -> Path:
    """*target*. Raises UsageError where that is there already: only what was said by *option* is written over."""
    if target.exists():
        raise UsageError(
            f"There is a {shown(target)} already", hint=f"Say where to write with {option}; it goes over it."
        )
    return target
