import contextlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import rapidocr
from PIL import Image, ImageDraw, ImageFont

from gotwatch.documents import Finish, Mode, PageImage, PageText, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.paddle import PaddleEngine
from gotwatch.errors import CheckpointMissing, EngineUnusable, GotwatchError, NoDevice

MODELS = Path(rapidocr.__file__).parent / "models"

PROSE = """\
It was late in the afternoon when the committee
agreed on the wording of the report. Nobody had
expected the meeting to last so long, and by six
most of the chairs were empty.

The chairman, Mr. Whitfield, thanked those who
remained (eleven out of twenty-four) and read
the resolution aloud: it costs 14,500 pounds."""

INVOICE = [("Paper A4 white", "12", "54.00"), ("Desk lamp", "1", "39.00"), ("Total", "13", "93.00")]

# what a fresh process does: nothing but this may appear, and no socket may be opened
SILENT_AND_OFFLINE = """
import socket

class NoNetwork:
    def __init__(self, *args, **kwargs):
        raise AssertionError("tried to open a socket")

socket.socket = socket.create_connection = socket.getaddrinfo = NoNetwork

from threading import Event
from PIL import Image, ImageDraw, ImageFont
from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.paddle import PaddleEngine

engine = PaddleEngine(EngineOptions())
engine.load(lambda message: None)
for words in ("A secret sentence", ""):
    image = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(image).text((40, 60), words, fill="black", font=ImageFont.load_default(40))
    assert engine.read([PageImage(1, 600, 200, image.tobytes())], Prompt(), Event()).markup == words
"""

FULL_MEMORY = """
import resource
from pathlib import Path
from threading import Event
from PIL import Image
from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.paddle import PaddleEngine
from gotwatch.errors import OutOfMemory

engine = PaddleEngine(EngineOptions())
engine.load(lambda message: None)
page = PageImage(1, 1654, 2339, bytes(1654 * 2339 * 3))
pages_in_use = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages_in_use * resource.getpagesize() + 60_000_000, -1))
try:
    engine.read([page], Prompt(), Event())
except OutOfMemory as error:
    print(error.message)
"""


@pytest.fixture(scope="module")
def engine() -> PaddleEngine:
    engine = PaddleEngine(EngineOptions())
    engine.load(print)
    return engine


def blank(width: int = 900, height: int = 600) -> Image.Image:
    return Image.new("RGB", (width, height), "white")


def write(image: Image.Image, x: int, y: int, text: str, size: int = 30) -> None:
    draw = ImageDraw.Draw(image)
    for row, words in enumerate(text.split("\n")):
        draw.text((x, y + row * size * 4 // 3), words, fill="black", font=ImageFont.load_default(size))


def printed(text: str, size: int = 30) -> Image.Image:
    image = blank()
    write(image, 100, 100, text, size)
    return image


def system_font(size: int) -> ImageFont.FreeTypeFont:
    """One with letters beyond ASCII, which the font inside Pillow lacks."""
    for name in ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "arial.ttf", "Arial.ttf"):
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    pytest.skip("no font with accents on this machine")


def page(image: Image.Image, number: int = 1) -> PageImage:
    return PageImage(number, image.width, image.height, image.tobytes())


def read(engine: PaddleEngine, image: Image.Image) -> PageText:
    return engine.read([page(image)], Prompt(), Event())


def refusal(options: EngineOptions) -> GotwatchError:
    with pytest.raises(GotwatchError) as caught:
        PaddleEngine(options).load(print)
    return caught.value


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False)


@pytest.mark.parametrize("size", [18, 30])
def test_a_printed_page_is_read_word_for_word_with_its_paragraphs(engine: PaddleEngine, size: int) -> None:
    text = read(engine, printed(PROSE, size))

    assert text.markup == PROSE


def test_two_columns_are_read_one_after_the_other(engine: PaddleEngine) -> None:
    left, right = PROSE.split("\n\n")[0] + "\nThen they left.", PROSE.replace("\n\n", "\n")
    image = blank(1700, 700)
    write(image, 100, 100, left)
    write(image, 900, 100, right)

    text = read(engine, image)

    assert text.markup == f"{left}\n\n{right}"


def test_a_row_of_an_invoice_stays_a_row(engine: PaddleEngine) -> None:
    image = blank()
    for row, cells in enumerate(INVOICE):
        for x, cell in zip((100, 500, 700), cells, strict=True):
            write(image, x, 100 + 50 * row, cell)

    text = read(engine, image)

    assert text.markup.split("\n") == ["  ".join(cells) for cells in INVOICE]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_was_laid_down_wrongly_is_read_upright(engine: PaddleEngine, degrees: int) -> None:
    image = printed(PROSE).rotate(degrees, expand=True)

    text = read(engine, image)

    assert text.markup == PROSE


@pytest.mark.parametrize("degrees", [-3, 2])
def test_a_skewed_scan_is_read_like_a_straight_one(engine: PaddleEngine, degrees: int) -> None:
    image = printed(PROSE).rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor="white")

    text = read(engine, image)

    assert text.markup == PROSE


def test_every_line_of_a_long_receipt_is_read(engine: PaddleEngine) -> None:
    articles = [f"Article number {number}" for number in range(100, 190)]
    image = blank(500, 4000)
    write(image, 40, 60, "\n".join(articles))

    text = read(engine, image)

    assert text.markup.split("\n") == articles


def test_letters_with_accents_are_read(engine: PaddleEngine) -> None:
    words = "Übergröße süßer Käse\nÉté à Besançon, niño\nŁódź, příliš kůň"
    image = blank()
    ImageDraw.Draw(image).text((100, 100), words, fill="black", font=system_font(40), spacing=20)

    text = read(engine, image)

    assert text.markup == words


def test_a_page_without_print_has_no_text_and_no_confidence(engine: PaddleEngine) -> None:
    text = read(engine, blank())

    assert (text.markup, text.tokens, text.confidence, text.finish) == ("", 0, None, Finish.STOP)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 2), (40, 40)])
def test_a_page_too_small_for_print_is_empty(engine: PaddleEngine, size: tuple[int, int]) -> None:
    text = read(engine, blank(*size))

    assert text.markup == ""


def test_a_page_text_says_how_it_was_read(engine: PaddleEngine) -> None:
    text = engine.read([page(printed(PROSE), number=7)], Prompt(), Event())

    assert text.number == 7
    assert text.tokens == 7
    assert text.confidence is not None
    assert text.least_confidence is not None
    assert 0.9 < text.least_confidence <= text.confidence <= 1.0
    assert text.seconds > 0
    assert text.finish is Finish.STOP
    assert text.checkpoint == engine.checkpoint


def test_pages_in_one_go_are_read_one_after_the_other(engine: PaddleEngine) -> None:
    pages = [page(printed("Alpha one"), number=3), page(printed("Beta two"), number=4)]

    text = engine.read(pages, Prompt(), Event())

    assert (text.number, text.count, text.markup) == (3, 2, "Alpha one\n\nBeta two")


def test_formatted_reading_gives_plain_text(engine: PaddleEngine) -> None:
    text = engine.read([page(printed(PROSE))], Prompt(Mode.FORMAT), Event())

    assert text.markup == PROSE


def test_no_view_of_the_page_is_kept(engine: PaddleEngine) -> None:
    image = printed(PROSE)
    view = memoryview(bytearray(image.tobytes()))

    engine.read([PageImage(1, image.width, image.height, view)], Prompt(), Event())

    view.release()  # BufferError if anybody still looks at it


def test_pages_that_are_read_at_once_do_not_mix(engine: PaddleEngine) -> None:
    words = ["Alpha one", "Beta two", "Gamma three", "Delta four", "Epsilon five", "Zeta six"]

    with ThreadPoolExecutor(3) as pool:
        texts = list(pool.map(lambda word: read(engine, printed(word, 60)).markup, words))

    assert texts == words


def test_the_checkpoint_names_the_model_and_the_library(engine: PaddleEngine) -> None:
    assert engine.checkpoint.startswith("PP-OCRv")
    assert "(rapidocr " in engine.checkpoint
    assert engine.device == "cpu"
    assert engine.slots >= 1


def test_loading_says_what_is_loaded() -> None:
    lines: list[str] = []
    engine = PaddleEngine(EngineOptions(device="cpu"))

    engine.load(lines.append)

    assert lines == [f"Loading {engine.checkpoint}"]


def test_a_folder_of_other_models_is_a_checkpoint(tmp_path: Path) -> None:
    for model in MODELS.glob("*.onnx"):
        shutil.copy(model, tmp_path)
    engine = PaddleEngine(EngineOptions(checkpoint=str(tmp_path)))

    engine.load(print)

    assert read(engine, printed("Other models", 60)).markup == "Other models"


def test_a_folder_without_models_is_no_checkpoint(tmp_path: Path) -> None:
    error = refusal(EngineOptions(checkpoint=str(tmp_path)))

    assert isinstance(error, CheckpointMissing)
    assert str(tmp_path) in error.message
    assert error.hint


def test_a_damaged_model_makes_the_engine_unusable(tmp_path: Path) -> None:
    shutil.copy(next(MODELS.glob("*_det_*.onnx")), tmp_path)
    (tmp_path / "x_rec_x.onnx").write_bytes(b"half a downl")

    error = refusal(EngineOptions(checkpoint=str(tmp_path)))

    assert isinstance(error, EngineUnusable)


def test_a_model_without_characters_is_refused_and_nothing_is_downloaded(tmp_path: Path) -> None:
    detector = next(MODELS.glob("*_det_*.onnx"))
    shutil.copy(detector, tmp_path)
    shutil.copy(detector, tmp_path / "x_rec_x.onnx")

    error = refusal(EngineOptions(checkpoint=str(tmp_path)))

    assert isinstance(error, EngineUnusable)
    assert "characters" in error.message


def test_another_device_than_the_cpu_is_refused() -> None:
    error = refusal(EngineOptions(device="cuda"))

    assert isinstance(error, NoDevice)


def test_it_reads_without_network_and_logs_nothing() -> None:
    done = run(SILENT_AND_OFFLINE)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space of a process")
def test_a_page_for_which_memory_is_too_small_says_so() -> None:
    done = run(FULL_MEMORY)

    assert "memory" in done.stdout, done.stderr
