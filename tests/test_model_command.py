"""gotwatch model: what a person sees of the checkpoints on the machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import tiny_got
from tests.local_hub import LocalHub, serve

REPO = "acme/tiny-got"


@dataclass(frozen=True)
class Terminal:
    hub: LocalHub
    home: Path

    def model(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGINGFACE_"))}
        own = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(self.home / "hf")}  # nothing listens there
        gotwatch = {"GOTWATCH_CONFIG": str(self.home / "config.toml"), "GOTWATCH_STATE_DIR": str(self.home / "state")}
        command = [sys.executable, "-m", "gotwatch", "model", *arguments]
        everything = {**clean, **own, **gotwatch, **environment}
        return subprocess.run(command, env=everything, capture_output=True, text=True, check=False)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('[engine]\ncheckpoint = "acme/tiny-got"\ndevice = "cpu"\n', "utf-8")
    with serve(LocalHub(tiny_got.make(tmp_path / "repo"), REPO)) as hub:
        yield Terminal(hub, home)


@pytest.fixture
def fetched(terminal: Terminal) -> Path:
    """The model in a folder of the user's own."""
    folder = terminal.home / "model"
    ended = terminal.model("download", "--mirror", f"{terminal.hub.url}/", "--to", str(folder))
    assert ended.returncode == 0, ended.stderr
    return folder


def test_a_model_comes_from_a_mirror_into_a_folder(terminal: Terminal, fetched: Path) -> None:
    visible = sorted(path.name for path in fetched.iterdir() if not path.name.startswith("."))
    assert visible == ["SHA256SUMS", "config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"]
    assert (fetched / "model.safetensors").read_bytes() == (terminal.hub.folder / "model.safetensors").read_bytes()
    assert not (terminal.home / "hf" / "hub" / "models--acme--tiny-got" / "blobs").exists()


def test_a_download_into_a_folder_that_was_broken_off_goes_on(terminal: Terminal) -> None:
    terminal.hub.break_after_bytes = 50_000

    ended = terminal.model("download", "--mirror", terminal.hub.url, "--to", str(terminal.home / "model"))

    assert 'checkpoint = "' in ended.stdout
    assert [line.rpartition("=")[2] for line in terminal.hub.downloads("model.safetensors")] == ["0-", "50000-"]


def test_the_config_s_model_is_downloaded_into_the_cache_listed_and_sound(terminal: Terminal) -> None:
    before = terminal.model("list")
    terminal.model("download", HF_ENDPOINT=terminal.hub.url)

    (record,) = json.loads(terminal.model("list", "--json").stdout)
    checked = terminal.model("check", "--no-page")

    assert before.stdout.startswith(f"{REPO}, which the config asks for, is not here.")
    assert record["name"].startswith(f"{REPO}@")
    assert (record["layout"], record["in_use"]) == ("got_ocr2", True)
    assert checked.returncode == 0
    assert checked.stdout.count("  sound ") == 4


def test_a_page_is_read_with_it_in_the_engine_process(terminal: Terminal, fetched: Path) -> None:
    ended = terminal.model("check", str(fetched))

    assert ended.returncode == 0, ended.stderr
    assert "All tensors are there and fit the config." in ended.stdout
    assert "It ran, but read the test page otherwise" in ended.stdout  # its weights are random


def test_a_file_that_changed_is_named(terminal: Terminal, fetched: Path) -> None:
    with (fetched / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")

    ended = terminal.model("check", str(fetched))

    assert ended.returncode == 5
    assert "Not as they were downloaded: tokenizer.json." in ended.stdout


def test_damaged_weights_are_named(terminal: Terminal, fetched: Path) -> None:
    (fetched / "model.safetensors").write_bytes(b"\0" * 1000)

    ended = terminal.model("check", str(fetched))

    assert ended.returncode == 5
    assert "model.safetensors is damaged" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], f"The model {REPO} is not on this machine"),
        (["check", "./nowhere"], "There is no folder ./nowhere"),
        (["check", "--device", "gpu"], "'gpu' must be"),
        (["check", "--precision", "int4"], "'int4' is not one of"),
        (["download", "--mirror", "somewhere"], "'somewhere' is no URL"),
        (["download", "tests"], "tests is a folder on this machine"),
    ],
)
def test_what_cannot_be_done_is_told(terminal: Terminal, arguments: list[str], message: str) -> None:
    ended = terminal.model(*arguments)

    assert ended.returncode == 2
    assert message in ended.stderr


def test_the_terminal_s_process_loads_no_model_library() -> None:
    code = (
        "import sys, gotwatch.cli.model\n"
        "print([name for name in ('torch', 'transformers', 'onnxruntime') if name in sys.modules])"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]"
