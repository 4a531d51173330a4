"""The engine "got" as the program sees it: pages in, texts out, whatever the prompt asks for."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from gotwatch.documents import Color, Finish, Mode, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.engine.got import engine, hf
from gotwatch.engine.got.engine import GotEngine
from gotwatch.errors import CheckpointMissing, EngineUnusable, NoDevice
from tests import tiny_got
from tests.got_shop import Shop, page, write

pytestmark = pytest.mark.usefixtures("one_thread")

LOST = 5  # the seed of a page on which the model writes without end, but not in tiles
LONGEST = 60

Loaded = Callable[..., GotEngine]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_got.make(tmp_path_factory.mktemp("got") / "port", seed=1)


@pytest.fixture
def loaded(checkpoint: Path) -> Loaded:
    def load(folder: Path = checkpoint, **options: object) -> GotEngine:
        settings = {"checkpoint": str(folder), "device": "cpu", "max_new_tokens": LONGEST, **options}
        one = GotEngine(EngineOptions(**settings))  # type: ignore[arg-type]  # any of its fields
        one.load(lambda _line: None)
        return one

    return load


def read(one: GotEngine, pages: Sequence[PageImage], prompt: Prompt) -> PageText:
    return one.read(pages, prompt, Event())


@pytest.mark.parametrize(
    "prompt", [Prompt(retry=False), Prompt(box=(0, 0, 50, 50)), Prompt(Mode.FORMAT, color=Color.BLUE)]
)
def test_the_engine_reads_a_page_like_the_reference(checkpoint: Path, loaded: Loaded, prompt: Prompt) -> None:
    reference = hf.HfEngine(EngineOptions(checkpoint=str(checkpoint), device="cpu", max_new_tokens=LONGEST))
    reference.load(lambda _line: None)

    text = read(loaded(), [page(6)], prompt)
    expected = reference.read([page(6)], prompt, Event())

    assert (text.markup, text.ids, text.finish) == (expected.markup, expected.ids, expected.finish)
    assert text.log_probs == pytest.approx(expected.log_probs, abs=1e-4)
    assert text.confidence == pytest.approx(expected.confidence, abs=1e-4)


@pytest.mark.parametrize("count", [2, 5])
def test_several_pages_in_one_go_are_read_like_the_reference(checkpoint: Path, loaded: Loaded, count: int) -> None:
    reference = hf.HfEngine(EngineOptions(checkpoint=str(checkpoint), device="cpu", max_new_tokens=LONGEST))
    reference.load(lambda _line: None)
    pages = [page(seed, number=4 + seed) for seed in range(count)]
    prompt = Prompt(Mode.FORMAT, multi_page=True)

    text = read(loaded(), pages, prompt)
    expected = reference.read(pages, prompt, Event())

    assert (text.number, text.count) == (4, count)
    assert (text.ids, text.finish) == (expected.ids, expected.finish)


def test_a_tokenizer_of_the_real_size_with_other_words_is_refused(tmp_path: Path, loaded: Loaded) -> None:
    folder = tiny_got.make(tmp_path / "port")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["image_token_index"], config["text_config"]["vocab_size"] = 151859, 151860
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    tensors = load_file(folder / "model.safetensors")
    tensors["language_model.model.embed_tokens.weight"] = np.zeros((151860, tiny_got.HIDDEN), np.float32)
    tiny_got.save(tensors, folder)
    (folder / "qwen.tiktoken").write_bytes(tiny_got.tiktoken_lines())

    with pytest.raises(CheckpointMissing, match=r"other ids for the prompts than GOT-OCR2\.0 was trained on"):
        loaded(folder)


def test_a_page_on_which_the_model_gets_lost_is_tried_once_in_another_way(checkpoint: Path, loaded: Loaded) -> None:
    shop = Shop(checkpoint)
    prompts = (Prompt(), Prompt(crop=True))
    plain, crop = write(shop.batcher(), [shop.order(page(LOST), prompt, longest=LONGEST) for prompt in prompts])
    assert (plain.finish, crop.finish) == (Finish.LENGTH, Finish.STOP)

    tried_again = read(loaded(), [page(LOST)], Prompt())
    given_up = read(loaded(), [page(LOST)], Prompt(retry=False))

    assert (tried_again.ids, tried_again.finish) == (crop.ids, Finish.STOP)
    assert (given_up.ids, given_up.finish) == (plain.ids, Finish.LENGTH)


def test_only_whole_pages_are_tried_in_another_way() -> None:
    assert engine.another_way(Prompt()) == Prompt(crop=True)
    assert engine.another_way(Prompt(Mode.FORMAT, crop=True)) == Prompt(Mode.FORMAT)
    assert engine.another_way(Prompt(color=Color.RED)) is None
    assert engine.another_way(Prompt(box=(1, 2, 3, 4))) is None
    assert engine.another_way(Prompt(multi_page=True)) is None
    assert engine.another_way(Prompt(retry=False)) is None


def test_a_prompt_may_ask_for_less_text(loaded: Loaded) -> None:
    text = read(loaded(), [page(LOST)], Prompt(retry=False, max_new_tokens=7))

    assert (text.tokens, len(text.log_probs), text.finish) == (7, 7, Finish.LENGTH)


def test_a_long_strip_is_read_in_pieces_whose_texts_stand_in_order(loaded: Loaded) -> None:
    one, prompt = loaded(), Prompt(retry=False, max_new_tokens=15)
    strip = page(3, 60, 600, number=9)
    image = Image.frombytes("RGB", (60, 600), strip.rgb)
    spans = ((0, 206), (194, 406), (394, 600))
    cut = [PageImage(9, 60, end - begin, image.crop((0, begin, 60, end)).tobytes()) for begin, end in spans]

    text = read(one, [strip], replace(prompt, strips=True))

    pieces = [read(one, [piece], prompt) for piece in cut]
    assert text.ids == sum((piece.ids for piece in pieces), ())
    assert text.markup == "\n".join(piece.markup for piece in pieces)
    assert (text.number, text.count) == (9, 1)
    assert text.least_confidence == pytest.approx(min(piece.least_confidence or 0 for piece in pieces))


def test_empty_margins_are_not_shown_where_they_are_to_be_trimmed(loaded: Loaded) -> None:
    one, prompt = loaded(), Prompt(retry=False)
    paper = np.full((400, 300, 3), 255, np.uint8)
    paper[40:100, 50:110] = np.random.default_rng(4).integers(0, 200, (60, 60, 3), dtype=np.uint8)
    whole = PageImage(1, 300, 400, paper.tobytes())
    close = PageImage(1, 72, 72, paper[34:106, 44:116].tobytes())  # two of a hundred of 300 around the ink

    trimmed = read(one, [whole], replace(prompt, trim=True))

    assert trimmed.ids == read(one, [close], prompt).ids
    assert trimmed.ids != read(one, [whole], prompt).ids


def test_a_page_nobody_wants_is_answered_at_once_and_not_tried_again(loaded: Loaded) -> None:
    cancelled = Event()
    cancelled.set()

    text = loaded().read([page(LOST)], Prompt(), cancelled)

    assert text.tokens == 0


def test_the_memory_of_the_machine_decides_how_many_pages_are_written_at_once(loaded: Loaded) -> None:
    assert loaded().slots == 16  # so small a model sees a page at once
    assert loaded(memory_share=0.0).slots == 1


def test_numbers_that_overflow_are_tried_again_in_full(
    tmp_path: Path, loaded: Loaded, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tiny_got.make(tmp_path / "large", seed=1)
    tensors = load_file(folder / "model.safetensors")
    at = "language_model.model.layers.0.mlp."
    tensors[at + "gate_proj.weight"][0] = 0
    tensors[at + "down_proj.weight"][:, 0] = 3.4e38  # times nothing; too large for bfloat16
    tiny_got.save(tensors, folder)
    caplog.set_level(logging.WARNING)

    one = loaded(folder, precision=Precision.BF16)
    text = read(one, [page(6)], Prompt())

    reference = loaded(folder)
    assert text.ids == read(reference, [page(6)], Prompt()).ids
    assert "going on in float32" in caplog.text


def test_weights_of_8_bits_write_text_too(loaded: Loaded) -> None:
    text = read(loaded(precision=Precision.INT8), [page(6)], Prompt(retry=False))

    assert 0 < text.tokens <= LONGEST


def test_a_model_that_gives_no_numbers_is_not_read_from(tmp_path: Path, loaded: Loaded) -> None:
    folder = tiny_got.make(tmp_path / "broken")
    tensors = load_file(folder / "model.safetensors")
    tensors["vision_tower.pos_embed"][:] = np.nan
    tiny_got.save(tensors, folder)
    one = loaded(folder)

    with pytest.raises(EngineUnusable, match="gives no numbers on cpu"):
        read(one, [page(1)], Prompt())


def test_a_precision_that_the_device_cannot_is_refused(loaded: Loaded) -> None:
    with pytest.raises(NoDevice, match="cannot compute in fp16 on the CPU"):
        loaded(precision=Precision.FP16)
