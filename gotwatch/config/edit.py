"""Changes in the config file that leave all else as its owner wrote it: lines come and go, nothing else is touched."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gotwatch.config import load, nesting
from gotwatch.config.settings import Config
from gotwatch.config.source import Source
from gotwatch.errors import ConfigError, UsageError
from gotwatch.words import marked

BY_HAND = marked("Change it by hand; a running gotwatch takes it up by itself.")


def add(path: Path, folder: str, output: str, settings: Mapping[str, str]) -> Config:
    """Let the config at *path* watch *folder* too; the config then. *settings* of it, all text.

    Raises ConfigError, and leaves the file alone, where the result would not be right.
    """
    text, newline = _read(path)
    before = load.of_text(path, text)
    block = ["[[watch]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in
                            {"folder": folder, "output": output, **settings}.items())]  # fmt: skip
    changed = "\n".join([text.rstrip("\n"), "", *block, ""]).lstrip("\n")
    after = load.of_text(path, changed)
    if after.watch[:-1] != before.watch:
        raise _not_as_usual(path)
    _write(path, changed, newline)
    return after


def remove(path: Path, folder: Path) -> Config:
    """Let the config at *path* watch *folder* no longer; the config then."""
    text, newline = _read(path)
    before = load.of_text(path, text)
    found = next((index for index, watch in enumerate(before.watch) if nesting.same(watch.folder, folder)), None)
    if found is None:
        watched = ", ".join(str(watch.folder) for watch in before.watch) or "none"
        raise UsageError(f"{folder} is not watched", hint=f"Watched are: {watched}")
    changed = _without(Source(path, text), found)
    try:
        after = load.of_text(path, changed)
    except ConfigError as exc:
        raise _not_as_usual(path) from exc
    if after.watch != before.watch[:found] + before.watch[found + 1 :]:
        raise _not_as_usual(path)
    _write(path, changed, newline)
    return after


def _not_as_usual(path: Path) -> UsageError:
    return UsageError(f"{path} is not written as gotwatch knows it: [[watch]], with its settings below", hint=BY_HAND)


def _without(source: Source, index: int) -> str:
    """The text without the block of one [[watch]], and without the comment right above it, which is about it."""
    block = source.block(("watch", index))
    lines = source.text.split("\n")
    before, after = lines[: block.start - 1], lines[block.stop - 1 :]
    while len(before) > 1 and before[-1].startswith("#"):
        before.pop()
    while before and after and not before[-1].strip() and not after[0].strip():
        after.pop(0)
    return "\n".join(before + after)


def _read(path: Path) -> tuple[str, str]:
    """The text with plain line ends, and those that it has."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        load.load(path)  # says what is wrong
        raise
    newline = "\r\n" if "\r\n" in text else "\n"
    return text.replace("\r\n", "\n"), newline


def _write(path: Path, text: str, newline: str) -> None:
    """In one go, and where links lead: some keep their config elsewhere."""
    real = Path(os.path.realpath(path))
    try:
        number, name = tempfile.mkstemp(dir=real.parent, prefix=".gotwatch-", suffix=".tmp")
        try:
            with open(number, "w", encoding="utf-8", newline=newline) as file:  # noqa: PTH123 - it is open already
                file.write(text)
            Path(name).chmod(real.stat().st_mode & 0o777)
            Path(name).replace(real)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as exc:
        raise UsageError(f"{path} cannot be written: {exc.strerror}", hint="Check its permissions.") from exc
