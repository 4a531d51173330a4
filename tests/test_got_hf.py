"""The engine got-hf, on a model of the real architecture with random weights."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from transformers import GotOcr2ForConditionalGeneration
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

from gotwatch.documents import BoxBy, Color, Finish, Mode, PageImage, Prompt, PromptStyle
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.engine.got import device
from gotwatch.engine.got.hf import HfEngine, ended
from gotwatch.engine.got.observers import Watch
from gotwatch.errors import CheckpointMissing, EngineUnusable, NoDevice, OutOfMemory
from tests import tiny_got

PROMPTS = {
    Mode.PLAIN: "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail."
    "<|im_end|><|im_start|>user\n<img><imgpad><imgpad><imgpad><imgpad></img>\nOCR: <|im_end|><|im_start|>assistant\n",
    Mode.FORMAT: "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail."
    "<|im_end|><|im_start|>user\n<img><imgpad><imgpad><imgpad><imgpad></img>\nOCR with format: <|im_end|>"
    "<|im_start|>assistant\n",
}

Loaded = Callable[..., HfEngine]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads only wait for each other in a model this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_got.make(folder / "plain")
    tiny_got.make(folder / "silent", stops_at_once=True)
    tiny_got.make(folder / "endless", never_stops=True)
    return folder


@pytest.fixture
def loaded(models: Path) -> Loaded:
    def load(name: str, **options: float) -> HfEngine:
        settings = {"max_new_tokens": 40, **options}
        engine = HfEngine(EngineOptions(checkpoint=str(models / name), device="cpu", **settings))  # type: ignore[arg-type]  # ints and floats
        engine.load(lambda _line: None)
        return engine

    return load


@pytest.fixture(scope="module")
def page() -> PageImage:
    pixels = np.random.default_rng(7).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    return PageImage(3, 90, 70, pixels.tobytes())


@pytest.mark.parametrize("mode", list(Mode))
def test_it_writes_what_the_library_writes_by_itself(models: Path, loaded: Loaded, page: PageImage, mode: Mode) -> None:
    text = loaded("endless").read([page], Prompt(mode), Event())

    tokenizer = Tokenizer.from_file(str(models / "endless/tokenizer.json"))
    ids = torch.tensor([tokenizer.encode(PROMPTS[mode]).ids])
    image = np.frombuffer(page.rgb, np.uint8).reshape(70, 90, 3)
    processor = GotOcr2ImageProcessorPil(size={"height": 64, "width": 64})
    model = GotOcr2ForConditionalGeneration.from_pretrained(models / "endless")
    output = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        pixel_values=processor(image, return_tensors="pt")["pixel_values"],
        do_sample=False,
        max_new_tokens=40,
        no_repeat_ngram_size=20,
        pad_token_id=tiny_got.END_OF_TEXT,
    )
    expected = tokenizer.decode(output[0, ids.shape[1] :].tolist()).strip()
    assert text.markup == expected.removesuffix("\ufffd").rstrip()
    assert text.tokens == 40


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt(),
        Prompt(Mode.FORMAT, crop=True),
        Prompt(color=Color.RED),
        Prompt(box=(5, 5, 60, 40)),
        Prompt(Mode.FORMAT, box=(5, 5, 60, 40), box_by=BoxBy.PROMPT, style=PromptStyle.HUB),
    ],
)
def test_both_layouts_write_the_same_in_every_mode(
    models: Path, loaded: Loaded, page: PageImage, prompt: Prompt
) -> None:
    original = models / "endless-original"
    if not original.exists():
        tiny_got.make_original(models / "endless", original)

    first, second = (loaded(name).read([page], prompt, Event()) for name in ("endless", "endless-original"))

    assert first.tokens == 40
    assert (first.markup, first.confidence) == (second.markup, second.confidence)


@pytest.mark.parametrize("name", list(tiny_got.SIZES))
def test_models_of_all_shapes_are_built_as_the_library_builds_them(tmp_path: Path, page: PageImage, name: str) -> None:
    folder = tiny_got.make(tmp_path / "model", size=tiny_got.SIZES[name])
    engine = HfEngine(EngineOptions(checkpoint=str(folder), device="cpu"))
    engine.load(lambda _line: None)
    own = GotOcr2ForConditionalGeneration.from_pretrained(folder)
    inputs = engine.inputs([page], Prompt(crop=True))

    with torch.no_grad():
        expected = own(**inputs).logits
        logits = engine._model(**inputs).logits

    assert torch.equal(logits, expected)


def test_a_page_is_answered_with_all_that_a_result_needs(loaded: Loaded, page: PageImage) -> None:
    engine = loaded("plain")

    text = engine.read([page], Prompt(), Event())

    assert text.number == 3
    assert text.seconds > 0
    assert text.confidence is not None
    assert 0 < text.confidence <= 1
    assert text.checkpoint == engine.checkpoint
    assert text.checkpoint.startswith("plain@")
    assert engine.device == "cpu"
    assert engine.slots == 1


def test_the_page_decides_what_is_written(loaded: Loaded, page: PageImage) -> None:
    engine = loaded("endless")
    white = PageImage(1, 90, 70, b"\xff" * (90 * 70 * 3))

    assert engine.read([page], Prompt(), Event()).markup != engine.read([white], Prompt(), Event()).markup


def test_a_stop_in_first_place_is_an_empty_page(loaded: Loaded, page: PageImage) -> None:
    text = loaded("silent").read([page], Prompt(), Event())

    assert (text.markup, text.tokens, text.finish) == ("", 0, Finish.STOP)


def test_the_token_limit_is_told(loaded: Loaded, page: PageImage) -> None:
    text = loaded("endless", max_new_tokens=5).read([page], Prompt(), Event())

    assert (text.tokens, text.finish) == (5, Finish.LENGTH)


def test_no_more_is_asked_for_than_the_model_has_positions(models: Path, page: PageImage) -> None:
    config = json.loads((models / "endless/config.json").read_text("utf-8"))
    narrow = tiny_got.make(models / "narrow", never_stops=True)
    config["text_config"]["max_position_embeddings"] = 150
    (narrow / "config.json").write_text(json.dumps(config), "utf-8")
    engine = HfEngine(EngineOptions(checkpoint=str(narrow), device="cpu"))
    engine.load(lambda _line: None)

    text = engine.read([page], Prompt(), Event())

    prompt_length = engine.inputs([page], Prompt())["input_ids"].shape[1]
    assert (prompt_length + text.tokens, text.finish) == (150, Finish.LENGTH)


def test_a_page_ends_softly_when_its_time_is_up(loaded: Loaded, page: PageImage) -> None:
    text = loaded("endless", page_seconds=0.0).read([page], Prompt(), Event())

    assert (text.tokens, text.finish) == (1, Finish.TIME)


def test_a_page_that_nobody_wants_any_more_ends_with_the_next_token(loaded: Loaded, page: PageImage) -> None:
    cancelled = Event()
    cancelled.set()

    text = loaded("endless").read([page], Prompt(), cancelled)

    assert text.tokens == 1


def test_a_prompt_may_allow_fewer_tokens_than_the_engine(loaded: Loaded, page: PageImage) -> None:
    text = loaded("endless").read([page], Prompt(max_new_tokens=7), Event())

    assert (text.tokens, text.finish) == (7, Finish.LENGTH)


def test_several_pages_are_shown_to_the_model_in_one_go(loaded: Loaded, page: PageImage) -> None:
    engine = loaded("endless")
    pages = [page, replace(page, number=4), replace(page, number=5)]
    asked = Prompt(Mode.FORMAT, multi_page=True)

    text = engine.read(pages, asked, Event())

    assert engine.inputs(pages, asked)["pixel_values"].shape[0] == 3
    assert (text.number, text.count, text.tokens) == (3, 3, 40)


def test_a_text_tells_its_tokens_and_how_sure_the_model_was_of_each(loaded: Loaded, page: PageImage) -> None:
    text = loaded("plain").read([page], Prompt(), Event())

    is_stopped = text.finish is Finish.STOP
    assert len(text.ids) == text.tokens
    assert len(text.log_probs) == text.tokens + is_stopped
    assert text.least_confidence == pytest.approx(math.exp(min(text.log_probs)))


def test_a_loop_is_seen_while_it_is_written() -> None:
    prompt, written = [1] * 10, list(range(100, 200)) + [7] * 348
    watch = Watch(len(prompt), time.monotonic() + 60, Event())

    stop = watch(torch.tensor([prompt + written]), None)

    assert stop.tolist() == [True]
    assert watch.loop_start is not None
    assert 100 <= watch.loop_start <= 110


def test_the_text_before_a_loop_is_kept() -> None:
    watch = Watch(0, math.inf, Event())
    watch.loop_start = 3

    written = ended([5, 6, 7, 8, 7, 8], [-1.0, -1.0, -1.0, 0.0, 0.0, 0.0], watch, stops=(9,))

    assert (written.ids, written.finish) == ((5, 6, 7), Finish.LOOP)
    assert written.confidence == pytest.approx(math.exp(-1))


def test_a_folder_that_lacks_a_tensor_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = tiny_got.make(tmp_path / "lacking")
    tensors = load_file(folder / "model.safetensors")
    del tensors["multi_modal_projector.conv_upsampler2.weight"]
    tiny_got.save(tensors, folder)

    with pytest.raises(CheckpointMissing, match=r"lacks 1 tensors \(.*conv_upsampler2\.weight\)"):
        HfEngine(EngineOptions(checkpoint=str(folder), device="cpu")).load(lambda _line: None)


def test_a_tensor_of_another_shape_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = tiny_got.make(tmp_path / "misshapen")
    tensors = load_file(folder / "model.safetensors")
    tensors["vision_tower.pos_embed"] = np.zeros((1, 4, 4, tiny_got.HIDDEN), np.float32)
    tiny_got.save(tensors, folder)

    with pytest.raises(CheckpointMissing, match=r"another shape 1 tensors \(.*pos_embed\)"):
        HfEngine(EngineOptions(checkpoint=str(folder), device="cpu")).load(lambda _line: None)


def test_a_model_that_gives_no_numbers_is_not_read_from(tmp_path: Path, page: PageImage) -> None:
    folder = tiny_got.make(tmp_path / "broken")
    tensors = load_file(folder / "model.safetensors")
    tensors["vision_tower.pos_embed"][:] = np.nan
    tiny_got.save(tensors, folder)
    engine = HfEngine(EngineOptions(checkpoint=str(folder), device="cpu"))
    engine.load(lambda _line: None)

    with pytest.raises(EngineUnusable, match="gives no numbers on cpu"):
        engine.read([page], Prompt(), Event())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_asked_for_by_name_must_be_there(models: Path) -> None:
    with pytest.raises(NoDevice, match="no CUDA device") as refused:
        HfEngine(EngineOptions(checkpoint=str(models / "plain"), device="cuda")).load(lambda _line: None)

    assert 'engine.device = "auto"' in refused.value.hint


def test_an_unknown_device_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NoDevice) as refused:
        device.pick("tpu", Precision.AUTO)

    assert refused.value.hint == "Set engine.device to auto, cpu, cuda, cuda:N or mps."


def test_a_lack_of_memory_is_told_as_such() -> None:
    with pytest.raises(OutOfMemory, match="not enough free memory on cpu"), device.memory_errors(device.CPU):
        torch.empty(1 << 58)


def test_it_reads_where_there_is_no_console(models: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    code = (
        "import sys; sys.stdin = sys.stdout = sys.stderr = None\n"
        "from pathlib import Path\n"
        "from threading import Event\n"
        "from gotwatch.documents import PageImage, Prompt\n"
        "from gotwatch.engine.base import EngineOptions\n"
        "from gotwatch.engine.got.hf import HfEngine\n"
        f"engine = HfEngine(EngineOptions(checkpoint={str(models / 'silent')!r}, device='cpu'))\n"
        "engine.load(lambda line: None)\n"
        "text = engine.read([PageImage(1, 9, 7, bytes(9 * 7 * 3))], Prompt(), Event())\n"
        f"Path({str(answer)!r}).write_text(text.finish)\n"
    )

    ended = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=False)

    assert ended.returncode == 0
    assert answer.read_text() == "stop"
