"""Why gotwatch should not read just now, as its owner or another program needs the computer."""

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psutil

from gotwatch.neighbour import hours
from gotwatch.neighbour.hours import Span
from gotwatch.words import marked

FRESH_SECONDS = 15.0  # for so long an answer is good: they cost some time, and are asked for at every page
TOOL_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the config says of it."""

    spans: Sequence[Span] = ()
    holds_on_battery: bool = False
    free_share: float = 0.0  # of a GPU's memory; 0: it is not looked at


class Manners:
    """reason() may be asked by any thread."""

    def __init__(
        self,
        wishes: Wishes,
        *,
        wants_gpu: Callable[[], bool],
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        clock: Callable[[], float] = time.monotonic,
        on_battery: Callable[[], bool] | None = None,
        free_share: Callable[[], float | None] | None = None,
    ) -> None:
        """*wants_gpu*: whether memory of a GPU would be taken now, and is not yet."""
        self._wishes = wishes
        self._wants_gpu = wants_gpu
        self._now = now
        self._clock = clock
        self._on_battery = on_battery or runs_on_battery
        self._free_share = free_share or free_gpu_share
        self._known: tuple[float, str] | None = None

    def reason(self) -> str:
        """Why nothing should be read now; "" if there is no reason."""
        now = self._now().time()
        if not hours.is_within(now, self._wishes.spans):
            opens = hours.opening_after(now, self._wishes.spans)
            return marked(f"It is outside of the hours in which gotwatch reads; they begin at {opens:%H:%M}.")
        known = self._known
        if known is None or self._clock() - known[0] >= FRESH_SECONDS:
            known = self._known = (self._clock(), self._of_the_machine())
        return known[1]

    def _of_the_machine(self) -> str:
        if self._wishes.holds_on_battery and self._on_battery():
            return marked("The computer runs on its battery; gotwatch goes on when it is plugged in.")
        if self._wishes.free_share and self._wants_gpu():
            share = self._free_share()
            if share is not None and share < self._wishes.free_share:
                return marked("Another program fills the memory of the GPU; gotwatch goes on when there is room.")
        return ""


def runs_on_battery() -> bool:
    """Of a computer that has none it is not told."""
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is not None and battery.power_plugged is False


def free_gpu_share() -> float | None:
    """The free part of the emptiest NVIDIA GPU's memory, without PyTorch; None where that cannot be told."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    command = [tool, "--query-gpu=memory.free,memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS, check=True).stdout
        pairs = [[float(number) for number in line.split(",")] for line in told.splitlines() if line.strip()]
        return max((free / total for free, total in pairs), default=None)
    except (OSError, subprocess.SubprocessError, ValueError, ZeroDivisionError):
        return None
