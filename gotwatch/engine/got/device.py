"""What PyTorch computes on: which device, in which numbers, how much memory it has, and what its lack looks like."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

import psutil
import torch

from gotwatch.engine.base import Precision
from gotwatch.errors import NoDevice, OutOfMemory
from gotwatch.words import marked

log = logging.getLogger(__name__)

_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "ALLOC_FAILED")
_KINDS = {Precision.FP32: torch.float32, Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}


class NotANumber(ArithmeticError):
    """The model's answer overflowed."""


@dataclass(frozen=True, slots=True)
class Device:
    name: str  # as PyTorch says it: cpu, cuda:0, mps
    label: str  # as a person reads it
    dtype: torch.dtype
    int8: bool = False  # whether the weights of products are kept in 8 bits


CPU = Device("cpu", "cpu", torch.float32)


def pick(wanted: str, precision: Precision) -> Device:
    """The device for the config's engine.device, and the numbers that it computes in. "auto" takes the best that works.

    Raises NoDevice where what was asked for by name is not usable.
    """
    if wanted == "auto":
        return _best(precision)
    if wanted == "cpu":
        return _cpu(precision)
    if wanted == "mps":
        return _mps(precision)
    if wanted == "cuda" or wanted.startswith("cuda:"):
        return _cuda(wanted, precision)
    raise NoDevice(f'There is no device "{wanted}"', hint="Set engine.device to auto, cpu, cuda, cuda:N or mps.")


def in_full(device: Device) -> Device:
    """The same, in numbers that do not overflow."""
    return replace(device, dtype=torch.float32, int8=False)


def fault(name: str) -> str:
    """Why the device of this name does not compute; "" if it does."""
    try:
        torch.ones(8, device=name).sum().item()
    except torch.OutOfMemoryError:
        return ""
    except RuntimeError as exc:
        return str(exc) or type(exc).__name__
    return ""


def free_bytes(device: Device) -> int:
    """What could be had now."""
    if device.name.startswith("cuda"):
        cached = torch.cuda.memory_reserved(device.name) - torch.cuda.memory_allocated(device.name)
        free, _ = torch.cuda.mem_get_info(device.name)
        return int(free + cached)
    if device.name == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return int(psutil.virtual_memory().available)


def release_unused(device: Device) -> None:
    """Give back to others what PyTorch keeps for its next need."""
    if device.name.startswith("cuda"):
        torch.cuda.empty_cache()
    elif device.name == "mps":
        torch.mps.empty_cache()


@contextmanager
def at_work(device: Device) -> Iterator[None]:
    """How a thread computes: without gradients, and on a stream of its own, which is what CUDA can record graphs on."""
    stream = torch.cuda.stream(torch.cuda.Stream(device.name)) if device.name.startswith("cuda") else nullcontext()
    with torch.inference_mode(), stream:
        yield


@contextmanager
def memory_errors(device: Device) -> Iterator[None]:
    """Turn PyTorch's several ways to say that memory is short into OutOfMemory."""
    try:
        yield
    except (RuntimeError, MemoryError) as exc:
        if not _is_lack(exc):
            raise
        raise OutOfMemory(f"There is not enough free memory on {device.label}", hint=_memory_hint(device)) from exc


def _is_lack(exc: Exception) -> bool:
    if isinstance(exc, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(exc) for words in _NO_MEMORY)  # a plain RuntimeError on a CPU and on MPS


def _memory_hint(device: Device) -> str:
    if device.name == "cpu":
        return marked("Close other programs; it goes on by itself.")
    return marked('Close other programs that use the GPU, or set engine.device = "cpu"; it goes on by itself.')


def _best(precision: Precision) -> Device:
    for name in ("cuda", "mps"):
        try:
            return pick(name, precision)
        except NoDevice as error:
            log.info("%s", error.message)
    return _cpu(precision)


def _cpu(precision: Precision) -> Device:
    if precision is Precision.FP16:
        raise _cannot("the CPU", precision)
    return replace(CPU, dtype=_KINDS.get(precision, torch.float32), int8=precision is Precision.INT8)


def _cuda(wanted: str, precision: Precision) -> Device:
    if not torch.cuda.is_available():
        raise NoDevice("PyTorch finds no CUDA device", hint=_cuda_hint())
    index = _cuda_index(wanted)
    name = f"cuda:{index}"
    if why := fault(name):  # the driver is too old, or the build has no code for this card
        hint = 'Update the driver and PyTorch, or set engine.device = "cpu".'
        raise NoDevice(f"{name} is there, but cannot compute: {why}", hint=hint)
    return Device(name, f"{torch.cuda.get_device_name(index)} ({name})", _cuda_kind(index, precision))


def _cuda_kind(index: int, precision: Precision) -> torch.dtype:
    with torch.cuda.device(index):
        has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    if precision is Precision.INT8 or (precision is Precision.BF16 and not has_bf16):
        raise _cannot(torch.cuda.get_device_name(index), precision)
    return _KINDS.get(precision, torch.bfloat16 if has_bf16 else torch.float16)


def _cuda_index(wanted: str) -> int:
    _, _, number = wanted.partition(":")
    count = torch.cuda.device_count()
    index = int(number) if number.isdecimal() else 0
    if index >= count:
        raise NoDevice(f"There is no {wanted}: PyTorch counts {count} CUDA devices", hint="They count from cuda:0.")
    return index


def _cuda_hint() -> str:
    if torch.version.cuda is None and torch.version.hip is None:
        return marked('This PyTorch was built without CUDA: install one with it, or set engine.device = "auto".')
    return marked('Check the graphics driver, or set engine.device = "auto".')


def _mps(precision: Precision) -> Device:
    if not torch.backends.mps.is_available():
        raise NoDevice("PyTorch finds no Apple GPU", hint='Set engine.device = "auto".')
    if precision is Precision.INT8:
        raise _cannot("the Apple GPU", precision)
    # float32 unless asked: in float16 the vision tower may overflow, and nobody has measured where
    return Device("mps", "Apple GPU (mps)", _KINDS.get(precision, torch.float32))


def _cannot(what: str, precision: Precision) -> NoDevice:
    return NoDevice(f"gotwatch cannot compute in {precision} on {what}", hint='Set engine.precision = "auto".')
