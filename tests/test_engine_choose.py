"""Which engine `engine.name` means on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gotwatch.engine import choose
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.errors import ConfigError

OPTIONS = EngineOptions()


def test_auto_takes_the_model_where_a_gpu_is() -> None:
    choice = choose.choose("auto", OPTIONS, gpu="NVIDIA GPU", local_checkpoint=False)

    assert choice.spec.name == "got"
    assert choice.why == "This machine has a GPU: NVIDIA GPU."


def test_auto_takes_the_model_where_its_weights_are() -> None:
    choice = choose.choose("auto", EngineOptions(checkpoint="/models/got"), gpu=None, local_checkpoint=True)

    assert choice.spec.name == "got"
    assert choice.spec.options.checkpoint == "/models/got"
    assert "weights of GOT-OCR2.0 are on this machine" in choice.why


def test_auto_works_at_once_where_there_is_neither() -> None:
    choice = choose.choose("auto", OPTIONS, gpu=None, local_checkpoint=False)

    assert choice.spec.name == "paddle"
    assert choice.why.endswith("so PaddleOCR reads: plain text only.")


def test_a_gpu_that_the_config_does_not_want_does_not_count() -> None:
    choice = choose.choose("auto", EngineOptions(device="cpu"), gpu="NVIDIA GPU", local_checkpoint=False)

    assert choice.spec.name == "paddle"


def test_what_auto_falls_back_on_starts_without_the_settings_of_the_other() -> None:
    options = EngineOptions(checkpoint="/models/got", device="cuda:1", precision=Precision.BF16)

    choice = choose.fallback(options, because="There is no CUDA device.")

    assert choice.spec.options == EngineOptions()
    assert choice.why == "There is no CUDA device, so PaddleOCR reads: plain text only."


@pytest.mark.parametrize("name", ["paddle", "got", "got-hf"])
def test_an_engine_that_is_named_is_taken(name: str) -> None:
    choice = choose.choose(name, OPTIONS, gpu=None, local_checkpoint=False)

    assert choice.spec.name == name
    assert choice.spec.options is OPTIONS


def test_a_class_of_one_s_own_is_taken_by_its_path() -> None:
    choice = choose.choose("tests.engines:EchoEngine", OPTIONS, gpu=None, local_checkpoint=False)

    assert choice.spec.path == "tests.engines:EchoEngine"


def test_the_remote_engine_is_refused_without_servers() -> None:
    with pytest.raises(ConfigError, match='The engine "remote" needs the addresses of servers'):
        choose.choose("remote", OPTIONS, gpu=None, local_checkpoint=False)


def test_a_misspelt_engine_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as refused:
        choose.choose("padle", OPTIONS, gpu=None, local_checkpoint=False)

    assert refused.value.hint == 'Did you mean "paddle"?'


@pytest.mark.parametrize(
    ("system", "machine", "file", "gpu"),
    [
        ("linux", "x86_64", "proc/driver/nvidia/version", "NVIDIA GPU"),
        ("linux", "x86_64", "dev/kfd", "AMD GPU"),
        ("linux", "x86_64", "etc/passwd", None),
        ("win32", "AMD64", "Windows/System32/nvcuda.dll", "NVIDIA GPU"),
        ("darwin", "arm64", "etc/passwd", "Apple GPU (MPS)"),
        ("darwin", "x86_64", "etc/passwd", None),
    ],
)
def test_a_gpu_is_told_by_its_driver_s_files(
    tmp_path: Path, system: str, machine: str, file: str, gpu: str | None
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).touch()

    assert choose.gpu_of(system=system, machine=machine, root=tmp_path) == gpu


def test_a_folder_with_a_config_is_a_local_checkpoint(tmp_path: Path) -> None:
    assert not choose.checkpoint_is_local(str(tmp_path))

    (tmp_path / "config.json").touch()

    assert choose.checkpoint_is_local(str(tmp_path))


@pytest.mark.parametrize("variable", ["HF_HOME", "HF_HUB_CACHE"])
def test_a_complete_copy_in_the_cache_is_a_local_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    cache = tmp_path / "hub" if variable == "HF_HOME" else tmp_path
    snapshot = cache / "models--acme--tiny-got" / "snapshots" / "0123456789abcdef"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").touch()
    (snapshot / "tokenizer.json").touch()

    assert not choose.checkpoint_is_local("acme/tiny-got")  # the download was broken off

    (snapshot / "model.safetensors").touch()

    assert choose.checkpoint_is_local("acme/tiny-got")


def test_choosing_loads_no_library_of_a_model() -> None:
    code = (
        "import sys; from gotwatch.engine import choose; choose.find_gpu(); choose.checkpoint_is_local('');"
        "print({'torch', 'transformers', 'huggingface_hub', 'numpy'} & set(sys.modules))"
    )

    printed = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "set()"
