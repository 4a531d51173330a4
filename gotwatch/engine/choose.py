"""Which engine reads, and why: the meaning of `engine.name` in the config."""

import difflib
import importlib.util
import logging
import platform
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from gotwatch.engine import abilities, weights
from gotwatch.engine.base import EngineOptions, EngineSpec, Precision
from gotwatch.errors import ConfigError
from gotwatch.words import marked

log = logging.getLogger(__name__)

GOT = "got"
PATHS = {
    GOT: "gotwatch.engine.got.engine:GotEngine",
    "got-hf": "gotwatch.engine.got.hf:HfEngine",
    "paddle": "gotwatch.engine.paddle:PaddleEngine",
    "remote": "gotwatch.engine.remote:RemoteEngine",
}
FALLBACK = "paddle"  # needs nothing but what is installed

_DRIVERS = {
    "proc/driver/nvidia/version": "NVIDIA GPU",
    "dev/nvidia0": "NVIDIA GPU",
    "usr/lib/wsl/lib/libcuda.so.1": "NVIDIA GPU",  # Linux inside Windows
    "Windows/System32/nvcuda.dll": "NVIDIA GPU",  # "/" is the root of the drive that Windows is started from
    "dev/kfd": "AMD GPU",
}
_GPU_LIBRARIES = ("libtorch_cuda.so", "libtorch_hip.so", "torch_cuda.dll", "torch_hip.dll")


@dataclass(frozen=True, slots=True)
class Choice:
    spec: EngineSpec
    why: str  # one sentence for status


def choose(name: str, options: EngineOptions, *, gpu: str | None, local_checkpoint: bool) -> Choice:
    """The engine for `engine.name` = *name*. *gpu* and *local_checkpoint* are what the probes below found."""
    if name == "auto":
        return _automatic(options, gpu=gpu, local_checkpoint=local_checkpoint)
    if ":" in name:
        return Choice(EngineSpec(name, name, options), marked(f"The config names the class {name}."))
    if name in PATHS:
        abilities.check_precision(name, options.precision)
        if name == "remote" and not options.servers:
            hint = 'Say, for example: engine.servers = ["http://192.168.1.20:8765"]'
            raise ConfigError('The engine "remote" needs the addresses of servers', hint=hint)
        return Choice(EngineSpec(name, PATHS[name], options), marked(f"The config says {name}."))
    raise _unknown(name)


def checkpoint_is_local(checkpoint: str) -> bool:
    """Whether GOT-OCR2.0 could start without a download."""
    return weights.is_local(checkpoint)


def _automatic(options: EngineOptions, *, gpu: str | None, local_checkpoint: bool) -> Choice:
    if gpu and options.device != "cpu":
        return Choice(EngineSpec(GOT, PATHS[GOT], options), f"This machine has a GPU: {gpu}.")
    if local_checkpoint:
        why = marked("The weights of GOT-OCR2.0 are on this machine; without a GPU a page takes a minute or more.")
        return Choice(EngineSpec(GOT, PATHS[GOT], options), why)
    return fallback(options, because=marked("There is no GPU in use and no copy of GOT-OCR2.0 here"))


def fallback(options: EngineOptions, *, because: str) -> Choice:
    """The engine that "auto" takes where GOT-OCR2.0 cannot start. *because*: a sentence."""
    its_own = replace(options, checkpoint="", device="auto", precision=Precision.AUTO)
    spec = EngineSpec(FALLBACK, PATHS[FALLBACK], its_own)
    return Choice(spec, marked(f"{because.rstrip('.')}, so PaddleOCR reads: plain text only."))


def _unknown(name: str) -> ConfigError:
    near = difflib.get_close_matches(name, ["auto", *PATHS], n=1)
    meant = (
        f'Did you mean "{near[0]}"?'
        if near
        else "Known are auto, got, got-hf, paddle, remote and package.module:Class."
    )
    return ConfigError(f'There is no engine "{name}"', hint=meant)


def find_gpu() -> str | None:
    """The GPU that the installed PyTorch can use, told by looking at files only."""
    gpu = gpu_of(system=sys.platform, machine=platform.machine(), root=Path("/"))
    if gpu is None or sys.platform == "darwin" or torch_has_gpu_code():
        return gpu
    log.warning("There is a GPU here (%s), but the installed PyTorch was built without support for it", gpu)
    return None


def gpu_of(*, system: str, machine: str, root: Path) -> str | None:
    """The GPU of such a machine, told by its driver's files below *root*."""
    if system == "darwin":
        return "Apple GPU (MPS)" if machine == "arm64" else None
    for driver, gpu in _DRIVERS.items():
        if (root / driver).exists():
            return gpu
    return None


def torch_has_gpu_code() -> bool:
    """Whether the installed PyTorch is a CUDA or ROCm build, told by its files: importing it takes seconds."""
    spec = importlib.util.find_spec("torch")
    folders = list(spec.submodule_search_locations or []) if spec else []
    return any((Path(folder) / "lib" / library).exists() for folder in folders for library in _GPU_LIBRARIES)
