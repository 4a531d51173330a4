"""What the measurement of quality stands on: the scan with its text, and Tesseract in an engine's place."""

from pathlib import Path
from threading import Event

import pytest
from PIL import Image

from bench import tesseract
from bench.tesseract import TesseractEngine
from gotwatch.documents import Mode, PageImage, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.evaluation import truth
from tests.bad_files import text_page

SAMPLES = Path("samples")


def test_the_scan_has_its_text_at_both_resolutions() -> None:
    coarse, fine = truth.pairs(SAMPLES / "scans")

    assert (coarse.name, fine.name) == ("lucasta-xxv-coarse.jpg", "lucasta-xxv.jpg")
    assert coarse.pages == fine.pages
    assert fine.mode is Mode.PLAIN
    with Image.open(coarse.path) as small, Image.open(fine.path) as large:
        assert large.width > 1.9 * small.width


@pytest.mark.skipif(tesseract.version() is None, reason="NO TESSERACT: install tesseract-ocr to have it compared with")
def test_tesseract_reads_a_page_in_an_engine_s_place() -> None:
    engine = TesseractEngine(EngineOptions())
    said: list[str] = []
    engine.load(said.append)
    page = text_page()

    text = engine.read([PageImage(1, *page.size, page.tobytes())], Prompt(), Event())

    assert said == [tesseract.version()]
    assert text.markup == "Invoice 4711"
    assert engine.checkpoint.startswith("tesseract ")
    assert engine.checkpoint.endswith(", eng")
