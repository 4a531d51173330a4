"""The shipped typewriter really reads: its sample pages by the engine, in each way that GOT is asked."""

from pathlib import Path
from threading import Event

import pytest
from PIL import Image, ImageSequence

from gotwatch.documents import Color, Finish, Mode, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.engine.got.engine import GotEngine
from gotwatch.engine.got.hf import HfEngine
from training.typewriter import evaluate, original, samples

SAMPLES = Path("samples/typewriter")
CHECKPOINT = SAMPLES / "gotwatch-typewriter"
CROPPED = "crop/minutes.png"
WAYS = {
    "plain/letter.png": Prompt(),
    "format/science.png": Prompt(Mode.FORMAT),
    "format/tune.png": Prompt(Mode.FORMAT),
    "red/orders.png": Prompt(color=Color.RED),
    CROPPED: Prompt(crop=True),
    "pages/booklet.tif": Prompt(Mode.FORMAT, multi_page=True),
}


def options(checkpoint: Path = CHECKPOINT, precision: Precision = Precision.AUTO) -> EngineOptions:
    return EngineOptions(checkpoint=str(checkpoint), device="cpu", precision=precision, max_new_tokens=700)


@pytest.fixture(scope="module")
def engine() -> GotEngine:
    engine = GotEngine(options())
    engine.load(print)
    return engine


def pages(name: str) -> list[PageImage]:
    with Image.open(SAMPLES / "in" / name) as image:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]
    return [PageImage(number, *frame.size, frame.tobytes()) for number, frame in enumerate(frames, 1)]


def truth(name: str) -> str:
    return (SAMPLES / "in" / name).with_suffix(".truth").read_text("utf-8").rstrip("\n")


def read(engine: GotEngine | HfEngine, name: str) -> PageText:
    return engine.read(pages(name), WAYS[name], Event())


@pytest.mark.parametrize("name", [name for name in WAYS if name != CROPPED])
def test_a_page_is_read_without_a_wrong_character(engine: GotEngine, name: str) -> None:
    text = read(engine, name)

    assert text.finish is Finish.STOP
    assert text.markup == truth(name)


def test_of_a_cropped_page_most_is_read_right(engine: GotEngine) -> None:
    """Two of its ten lines jump into another one: training/typewriter/README.md has the rates."""
    text = read(engine, CROPPED)

    assert text.finish is Finish.STOP
    assert evaluate.edits(text.markup, truth(CROPPED)) <= 0.1 * len(truth(CROPPED))


@pytest.mark.parametrize("name", ["plain/letter.png", CROPPED])
def test_transformers_reads_the_same(engine: GotEngine, name: str) -> None:
    reference = HfEngine(options())
    reference.load(print)

    theirs, ours = read(reference, name), read(engine, name)

    assert ours.ids == theirs.ids
    assert ours.log_probs == pytest.approx(theirs.log_probs, abs=1e-4)


def test_the_original_layout_reads_the_same(engine: GotEngine, tmp_path: Path) -> None:
    original.convert(CHECKPOINT, tmp_path / "original")
    other = GotEngine(options(tmp_path / "original"))
    other.load(print)

    assert read(other, "plain/letter.png").ids == read(engine, "plain/letter.png").ids


def test_eight_bits_are_enough_for_a_letter() -> None:
    engine = GotEngine(options(precision=Precision.INT8))
    engine.load(print)

    assert read(engine, "plain/letter.png").markup == truth("plain/letter.png")


def test_the_sample_pages_are_those_that_the_script_makes(tmp_path: Path) -> None:
    samples.write(tmp_path)

    for name in WAYS:
        with Image.open(SAMPLES / "in" / name) as shipped, Image.open(tmp_path / name) as made:
            assert shipped.tobytes() == made.tobytes()
        assert (tmp_path / name).with_suffix(".truth").read_text("utf-8").rstrip("\n") == truth(name)


def test_its_name_and_card_say_that_it_is_not_got(engine: GotEngine) -> None:
    card = (CHECKPOINT / "README.md").read_text("utf-8")

    assert "This is not GOT-OCR2.0" in card
    assert engine.checkpoint.startswith("gotwatch-typewriter@")
