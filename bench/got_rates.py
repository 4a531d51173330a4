"""How fast a device moves bytes and multiplies. Run in a process of its own."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

import torch

from bench.got_bound import Machine
from gotwatch.engine.got.products import dense

BYTES = {"cpu": 1 << 28, "cuda": 1 << 32}  # more than any cache holds
SIDE = {"cpu": 2048, "cuda": 8192}  # of the matrices
WIDTH = 2048  # of the matrix that has one row to multiply
TIMES = 30


def measure(device: str) -> Machine | None:
    if device == "cuda" and not torch.cuda.is_available():
        return None
    with torch.inference_mode():
        name = torch.cuda.get_device_name() if device == "cuda" else torch.backends.cpu.get_cpu_capability()
        return Machine(name, _bytes_per_second(device), _flop_per_second(device))


def _bytes_per_second(device: str) -> float:
    """The faster one of two readers: a copy, and a product with one row."""
    size = BYTES[device]
    content = torch.ones(size // 4, device=device)
    copy, row = torch.empty_like(content), torch.ones(1, WIDTH, device=device)
    copied = 2 * size / _seconds(device, lambda: copy.copy_(content))
    return max(copied, size / _seconds(device, lambda: _product(row, content.view(-1, WIDTH))))


def _flop_per_second(device: str) -> float:
    """In float32 on a CPU, in bfloat16 on a GPU."""
    side, kind = SIDE[device], torch.bfloat16 if device == "cuda" else torch.float32
    left = torch.ones(side, side, device=device, dtype=kind)
    return 2 * side**3 / _seconds(device, lambda: _product(left, left))


def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return dense(right, None)(left)


def _seconds(device: str, work: Callable[[], object]) -> float:
    """The shortest of some times: others on the machine can only make it longer."""
    return min(_once(device, work) for _ in range(TIMES))


def _once(device: str, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    found = measure(sys.argv[1])
    print(json.dumps(asdict(found) if found else None))
