"""What PyTorch computes on: which device, in which numbers, and what its lack of memory looks like."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from gotwatch.errors import NoDevice, OutOfMemory

log = logging.getLogger(__name__)

_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


@dataclass(frozen=True, slots=True)
class Device:
    name: str  # as PyTorch says it: cpu, cuda:0, mps
    label: str  # as a person reads it
    dtype: torch.dtype


CPU = Device("cpu", "cpu", torch.float32)


def pick(wanted: str) -> Device:
    """The device for the config's engine.device. "auto" takes the best that works.

    Raises NoDevice where a device asked for by name is not usable.
    """
    if wanted == "auto":
        return _best()
    if wanted == "cpu":
        return CPU
    if wanted == "mps":
        return _mps()
    if wanted == "cuda" or wanted.startswith("cuda:"):
        return _cuda(wanted)
    raise NoDevice(f'There is no device "{wanted}"', hint="Set engine.device to auto, cpu, cuda, cuda:N or mps.")


@contextmanager
def memory_errors(device: Device) -> Iterator[None]:
    """Turn PyTorch's several ways to say that memory is short into OutOfMemory."""
    try:
        yield
    except (
        RuntimeError,
        MemoryError,
    ) as exc:  # torch.OutOfMemoryError is a RuntimeError; CPU and MPS raise a plain one
        if not (isinstance(exc, MemoryError) or any(words in str(exc) for words in _NO_MEMORY)):
            raise
        raise OutOfMemory(f"There is not enough free memory on {device.label}", hint=_memory_hint(device)) from exc


def _memory_hint(device: Device) -> str:
    if device.name == "cpu":
        return "Close other programs; it goes on by itself."
    return 'Close other programs that use the GPU, or set engine.device = "cpu"; it goes on by itself.'


def _best() -> Device:
    for name in ("cuda", "mps"):
        try:
            return pick(name)
        except NoDevice as error:
            log.info("%s", error.message)
    return CPU


def _cuda(wanted: str) -> Device:
    if not torch.cuda.is_available():
        raise NoDevice("PyTorch finds no CUDA device", hint=_cuda_hint())
    index = _cuda_index(wanted)
    name = f"cuda:{index}"
    try:
        torch.ones(8, device=name).sum().item()
    except RuntimeError as exc:  # the driver is too old, or the build has no code for this card
        hint = 'Update the driver and PyTorch, or set engine.device = "cpu".'
        raise NoDevice(f"{name} is there, but cannot compute: {exc}", hint=hint) from exc
    half = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    return Device(name, f"{torch.cuda.get_device_name(index)} ({name})", half)


def _cuda_index(wanted: str) -> int:
    _, _, number = wanted.partition(":")
    count = torch.cuda.device_count()
    index = int(number) if number.isdecimal() else 0
    if index >= count:
        raise NoDevice(f"There is no {wanted}: PyTorch counts {count} CUDA devices", hint="They count from cuda:0.")
    return index


def _cuda_hint() -> str:
    if torch.version.cuda is None and torch.version.hip is None:
        return 'This PyTorch was built without CUDA: install one with it, or set engine.device = "auto".'
    return 'Check the graphics driver, or set engine.device = "auto".'


def _mps() -> Device:
    if not torch.backends.mps.is_available():
        raise NoDevice("PyTorch finds no Apple GPU", hint='Set engine.device = "auto".')
    # float32: in float16 the vision tower may overflow, and nobody has measured where
    return Device("mps", "Apple GPU (mps)", torch.float32)
