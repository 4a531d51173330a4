"""Folders, engine and documents in work, as `gotwatch status --json` prints them."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psutil

from gotwatch.config.settings import Watch
from gotwatch.documents import shown
from gotwatch.engine.room import EngineRoom
from gotwatch.inbox.folder import FolderState, FolderStatus
from gotwatch.jobs.progress import Current
from gotwatch.jobs.runner import Held
from gotwatch.words import marked

MEGABYTE = 1024 * 1024


def folder(watch: Watch, status: FolderStatus, held: Held | None) -> dict[str, Any]:
    state = marked("waiting for folder") if status.state is FolderState.MISSING else status.state.value
    return {
        "path": str(status.path),
        "state": state,
        "detection": status.detection.value,
        "held": held is not None,
        "why": held.failure.message if held else status.why,
        "output": str(watch.output),
        "settling": status.settling,
        "online_only": status.online_only,
    }


def engine(room: EngineRoom) -> dict[str, Any]:
    spec, state = room.choice.spec, room.fleet.state()
    return {
        "name": spec.name,
        "device": state.device or None,
        "checkpoint": state.checkpoint or spec.options.checkpoint or None,
        "loaded": state.phase == "ready",
        "phase": state.phase.value,
        "message": state.message,
        "pids": list(state.pids),
        "memory_megabytes": _memory_megabytes(state.pids),
        "unload_at": state.unload_at.isoformat(timespec="seconds") if state.unload_at else None,
        "why": room.why,
    }


def current(document: Current) -> dict[str, Any]:
    left = document.seconds_left(time.monotonic())
    return {
        "path": shown(document.path),
        "page": document.page,
        "pages": document.pages,
        "seconds_left": round(left, 1) if left is not None else None,
    }


def _memory_megabytes(pids: Sequence[int]) -> int | None:
    """What the processes hold of the computer's memory; of a GPU's it does not tell. None: they have just ended."""
    held_bytes = 0
    for pid in pids:
        with suppress(psutil.Error):
            held_bytes += int(psutil.Process(pid).memory_info().rss)
    return held_bytes // MEGABYTE or None
