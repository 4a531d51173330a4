"""Which device is computed on, and in which numbers. Where no GPU is, what is said instead."""

import pytest
import torch

from gotwatch.engine.base import Precision
from gotwatch.engine.got import device
from gotwatch.engine.got.device import Device
from gotwatch.errors import NoDevice, OutOfMemory

NO_CUDA = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")


@pytest.mark.parametrize(
    ("precision", "dtype", "int8"),
    [
        (Precision.AUTO, torch.float32, False),
        (Precision.FP32, torch.float32, False),
        (Precision.BF16, torch.bfloat16, False),
        (Precision.INT8, torch.float32, True),
    ],
)
def test_a_cpu_computes_in_what_it_is_told_to(precision: Precision, dtype: torch.dtype, int8: bool) -> None:
    assert device.pick("cpu", precision) == Device("cpu", "cpu", dtype, int8)


def test_what_a_cpu_cannot_is_refused_with_what_to_do() -> None:
    with pytest.raises(NoDevice, match="cannot compute in fp16 on the CPU") as refused:
        device.pick("cpu", Precision.FP16)

    assert refused.value.hint == 'Set engine.precision = "auto".'


@NO_CUDA
def test_without_a_gpu_auto_is_the_cpu() -> None:
    assert device.pick("auto", Precision.AUTO) == device.CPU


@NO_CUDA
def test_a_gpu_that_is_asked_for_must_be_there() -> None:
    with pytest.raises(NoDevice, match="no CUDA device"):
        device.pick("cuda:0", Precision.BF16)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("Tried to allocate"),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"),
    ],
)
def test_every_way_to_say_that_memory_is_short_is_understood(error: Exception) -> None:
    with pytest.raises(OutOfMemory), device.memory_errors(device.CPU):
        raise error


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="mat1 and mat2"), device.memory_errors(device.CPU):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


def test_some_memory_is_free() -> None:
    assert device.free_bytes(device.CPU) > 1 << 20


def test_numbers_that_overflow_are_followed_by_float32() -> None:
    half = Device("cuda:0", "a card", torch.float16)

    assert device.in_full(half) == Device("cuda:0", "a card", torch.float32)
    assert device.in_full(device.CPU) == device.CPU
