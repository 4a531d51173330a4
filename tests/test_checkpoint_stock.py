"""Where the weights come from, and which are refused."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from gotwatch.engine.checkpoint import stock
from gotwatch.engine.checkpoint.stock import FileState
from gotwatch.engine.transfer import Transfer, progress_line
from gotwatch.errors import CheckpointMissing
from tests import tiny_got
from tests.local_hub import REVISION, LocalHub, serve

REPO = "acme/tiny-got"

# In its own process: huggingface_hub reads the environment when it is imported.
LOCATE = """
import json, sys
from gotwatch.engine.checkpoint import stock
from gotwatch.engine.checkpoint.stock import FileState
from gotwatch.errors import GotwatchError
told = []
try:
    located = stock.locate(sys.argv[1], told.append)
    answer = {"title": located.title, "folder": str(located.folder)}
except GotwatchError as error:
    answer = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
print(json.dumps(answer | {"told": told}))
"""


@dataclass(frozen=True)
class Machine:
    """A machine with its own Hugging Face cache, in reach of a hub."""

    hub: LocalHub
    home: Path

    def locate(self, name: str = REPO, **environment: str) -> dict[str, Any]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGINGFACE_"))}
        ended = subprocess.run(
            [sys.executable, "-c", LOCATE, name],
            env={**clean, "HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.home), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert ended.stderr == ""  # no bars, no notes: in the tray program nobody sees them
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    repo = tiny_got.make(tmp_path / "repo")
    (repo / "modeling_got.py").write_text("raise SystemExit('code from the hub was run')", "utf-8")
    (repo / "pytorch_model.bin").write_bytes(b"pickle")
    with serve(LocalHub(repo, REPO)) as hub:
        yield Machine(hub, tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_got.make(tmp_path / "my-model")


def silent(_line: str) -> None:
    pass


def test_a_folder_is_taken_as_it_is(folder: Path) -> None:
    located = stock.locate(str(folder), silent)

    assert (located.folder, located.name) == (folder, "my-model")


def test_the_weights_of_a_folder_can_be_told_apart_in_results(folder: Path) -> None:
    before = stock.locate(str(folder), silent).title

    tiny_got.make(folder, seed=2)

    assert before.startswith("my-model@")
    assert stock.locate(str(folder), silent).title != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_what_a_folder_lacks_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(CheckpointMissing, match=f"has no {name}"):
        stock.locate(str(folder), silent)


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(CheckpointMissing, match="There is no folder"):
        stock.locate(str(tmp_path / "gone"), silent)


def test_a_damaged_config_is_named(folder: Path) -> None:
    (folder / "config.json").write_text("{", "utf-8")

    with pytest.raises(CheckpointMissing, match=r"config\.json is damaged"):
        stock.locate(str(folder), silent)


def test_another_kind_of_model_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "qwen2_vl"}', "utf-8")

    with pytest.raises(CheckpointMissing, match="model_type is qwen2_vl") as refused:
        stock.locate(str(folder), silent)

    assert "stepfun-ai/GOT-OCR-2.0-hf" in refused.value.hint


@pytest.mark.parametrize("layout", ["port", "original"])
def test_all_files_of_a_sharded_checkpoint_must_be_there(folder: Path, tmp_path: Path, layout: str) -> None:
    if layout == "original":
        folder = tiny_got.make_original(folder, tmp_path / "original")
    tiny_got.save_as(folder, torch.float32, files=3)
    complete = stock.locate(str(folder), silent)

    (folder / "model-00002-of-00003.safetensors").unlink()

    assert complete.title.startswith(f"{folder.name}@")
    with pytest.raises(CheckpointMissing, match=r"has no model-00002-of-00003\.safetensors"):
        stock.locate(str(folder), silent)


def test_of_a_great_many_missing_files_the_first_are_named(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-99999.safetensors")

    with pytest.raises(CheckpointMissing, match=r"model-00004-of-99999\.safetensors, …$"):
        stock.locate(str(folder), silent)


def test_the_files_of_a_checkpoint_are_held_against_their_record(folder: Path) -> None:
    located = stock.locate(str(folder), silent)
    unknown = {report.state for report in stock.examine(located)}
    digests = {report.name: report.digest for report in stock.examine(located)}
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()), "utf-8")
    (folder / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes() + b" ")

    states = {report.name: report.state for report in stock.examine(located)}

    assert unknown == {FileState.UNKNOWN}
    assert digests["config.json"] == _sha256((folder / "config.json").read_bytes())
    assert states == {
        "config.json": FileState.SOUND,
        "model.safetensors": FileState.SOUND,
        "tokenizer.json": FileState.CHANGED,
    }


def test_a_record_names_no_files_elsewhere(folder: Path) -> None:
    (folder.parent / "secret").write_text("x", "utf-8")
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  ../secret\nnonsense\n\xff", "utf-8")

    reports = stock.examine(stock.locate(str(folder), silent))

    assert "../secret" not in [report.name for report in reports]


def test_a_model_is_downloaded_without_code_and_told_with_its_revision(machine: Machine) -> None:
    answer = machine.locate()

    assert answer["title"] == f"{REPO}@{REVISION[:8]}"
    assert sorted(path.name for path in Path(answer["folder"]).iterdir()) == [
        "SHA256SUMS",
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
        "tokenizer.json",
    ]
    assert answer["told"][-1].startswith("Downloading tiny-got: 99 % of ")


def test_an_original_in_several_files_is_downloaded_too(machine: Machine, tmp_path: Path) -> None:
    machine.hub.folder = tiny_got.make_original(machine.hub.folder, tmp_path / "original")
    tiny_got.save_as(machine.hub.folder, torch.float32, files=2)
    (machine.hub.folder / "modeling_GOT.py").write_text("raise SystemExit('code from the hub was run')", "utf-8")

    answer = machine.locate()

    folder = Path(answer["folder"])
    assert sorted(path.name for path in folder.iterdir()) == [
        "SHA256SUMS",
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "qwen.tiktoken",
    ]
    located = stock.locate(str(folder), silent)
    assert {report.state for report in stock.examine(located)} == {FileState.SOUND}


def test_what_is_in_the_cache_needs_no_network(machine: Machine) -> None:
    first = machine.locate()
    machine.hub.asked.clear()

    second = machine.locate(HF_HUB_OFFLINE="1")

    assert second["folder"] == first["folder"]
    assert machine.hub.asked == []


def test_a_broken_download_goes_on_where_it_was(machine: Machine) -> None:
    machine.hub.break_after_bytes = 50_000

    answer = machine.locate()

    assert answer["title"] == f"{REPO}@{REVISION[:8]}"
    first, second = machine.hub.downloads("model.safetensors")
    assert first.endswith("bytes=0-")
    assert second.endswith("bytes=50000-")


def test_a_hub_that_is_too_busy_is_asked_again(machine: Machine) -> None:
    machine.hub.busy_answers = 1

    answer = machine.locate()

    assert answer["title"] == f"{REPO}@{REVISION[:8]}"


def test_a_download_goes_on_after_the_program_was_killed(machine: Machine) -> None:
    weights = (machine.hub.folder / "model.safetensors").read_bytes()
    machine.locate()
    snapshot = machine.home / "hub/models--acme--tiny-got/snapshots" / REVISION
    part = machine.home / "hub/models--acme--tiny-got/blobs" / f"{_sha256(weights)}.part"
    (snapshot / "model.safetensors").unlink()
    part.write_bytes(weights[:70_000])  # as a killed download leaves it
    machine.hub.asked.clear()

    machine.locate()

    assert [line.rpartition(" ")[2] for line in machine.hub.downloads("model.safetensors")] == ["bytes=70000-"]
    assert (snapshot / "model.safetensors").read_bytes() == weights


def test_a_server_that_cannot_go_on_in_the_middle_sends_all_again(machine: Machine) -> None:
    machine.hub.break_after_bytes = 50_000
    machine.hub.ignores_ranges = True

    answer = machine.locate()

    assert (Path(answer["folder"]) / "model.safetensors").read_bytes() == (
        machine.hub.folder / "model.safetensors"
    ).read_bytes()


def test_weights_that_arrive_damaged_are_not_kept(machine: Machine) -> None:
    weights = (machine.hub.folder / "model.safetensors").read_bytes()
    blobs = machine.home / "hub/models--acme--tiny-got/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{_sha256(weights)}.part").write_bytes(bytes(70_000))

    first = machine.locate()
    second = machine.locate()

    assert (first["error"], first["message"]) == ("CheckpointMissing", "model.safetensors arrived damaged")
    assert second["title"] == f"{REPO}@{REVISION[:8]}"


def test_offline_it_is_said_what_to_do(machine: Machine) -> None:
    answer = machine.locate(HF_HUB_OFFLINE="1")

    assert answer["message"] == f"The model {REPO} is not on this machine, and HF_HUB_OFFLINE forbids the download"
    assert "Unset HF_HUB_OFFLINE" in answer["hint"]
    assert "set engine.checkpoint" in answer["hint"]


def test_without_a_network_it_is_said_what_to_do(machine: Machine) -> None:
    answer = machine.locate(HF_ENDPOINT="http://127.0.0.1:9")  # nothing listens there

    assert answer["message"].startswith(f"The model {REPO} could not be downloaded: ")
    assert "set HF_ENDPOINT to a mirror" in answer["hint"]
    assert 'engine.name = "paddle"' in answer["hint"]


def test_a_model_that_the_hub_does_not_know_is_named(machine: Machine) -> None:
    answer = machine.locate("acme/typo")

    assert answer["message"] == "There is no model acme/typo on the hub"


def test_a_gated_model_is_told_as_such(machine: Machine) -> None:
    machine.hub.gated = True

    answer = machine.locate()

    assert "accepted its terms" in answer["message"]
    assert "HF_TOKEN" in answer["hint"]


def test_a_model_without_the_files_is_refused_before_the_download(machine: Machine) -> None:
    (machine.hub.folder / "tokenizer.json").unlink()

    answer = machine.locate()

    assert answer["message"] == f"The model {REPO} has no tokenizer.json or qwen.tiktoken and cannot be used here"
    assert machine.hub.downloads("model.safetensors") == []


def test_weights_that_have_no_room_are_not_begun(machine: Machine) -> None:
    machine.hub.claimed_bytes = 10**16

    answer = machine.locate()

    assert answer["error"] == "DiskFull"
    assert answer["message"].startswith("10000000.0 GB are needed for the model, ")
    assert "HF_HOME" in answer["hint"]
    assert machine.hub.downloads("model.safetensors") == []


@pytest.mark.parametrize(
    ("done", "seconds_left", "line"),
    [
        (0, None, "Downloading X: 0 % of 1.1 GB"),
        (381_000_000, 125.0, "Downloading X: 34 % of 1.1 GB, 2 min left"),
        (1_119_999_999, 0.4, "Downloading X: 99 % of 1.1 GB, less than 1 min left"),
        (11_200_000, 20_000.0, "Downloading X: 1 % of 1.1 GB, 6 h left"),
    ],
)
def test_progress_is_told_in_words(done: int, seconds_left: float | None, line: str) -> None:
    assert progress_line("X", done, 1_120_000_000, seconds_left=seconds_left) == line


def test_progress_is_told_when_it_changes_and_as_a_sign_of_life() -> None:
    told: list[str] = []
    seconds = [0.0]
    transfer = Transfer("X", 1_000_000_000, told.append, clock=lambda: seconds[0])

    for seconds[0] in (1.0, 2.0, 2.5):
        transfer.add(1)
    early = list(told)
    seconds[0] = 60.0
    transfer.add(-3)  # nothing has come: no speed to tell a time from

    assert early == ["Downloading X: 0 % of 1.0 GB"]
    assert told == early * 2


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
