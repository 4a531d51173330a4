"""PaddleOCR's text models on ONNX Runtime, as RapidOCR carries them. The only module that knows RapidOCR.

The models lie inside RapidOCR's package, so this engine reads offline, at once, on any machine.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
import onnxruntime
import psutil
import rapidocr
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as onnx
from PIL import Image, ImageDraw, ImageFont
from rapidocr.ch_ppocr_det.utils import ResizeImgError
from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

from gotwatch.documents import Finish, PageImage, PageText, Prompt
from gotwatch.engine import boxes
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.reading_order import Line, arrange
from gotwatch.errors import CheckpointMissing, EngineUnusable, NoDevice, OutOfMemory
from gotwatch.words import marked

Pixels = NDArray[np.uint8]  # height x width x (blue, green, red)

# Lines are looked for on a page of at most this length, and then read at full resolution. On A4 at 200 dpi
# print of 4 points is found, in about a third of the time that finding takes at full resolution.
DETECTION_SIDE = 1600
MAX_SIDE = 1_000_000  # RapidOCR must not shrink the page before it reads; who opens pages limits them

GAP_ROWS = 9  # pixels of white looked for where a long page is cut

MAX_SLOTS = 4  # each takes some 350 MB while it reads
SURE = 0.85  # upright print in a known script scores above this, upside-down print below

_REINSTALL = marked("Install gotwatch again, or name another folder of models as the checkpoint.")

_UNLOADABLE = (
    onnx.Fail,
    onnx.InvalidArgument,
    onnx.InvalidGraph,
    onnx.InvalidProtobuf,
    onnx.NoModel,
    onnx.NoSuchFile,
    onnx.NotImplemented,
    onnx.RuntimeException,
)


class PaddleEngine:
    """Finds lines of text and reads each one: plain text, of whole pages or of a box. abilities.py says so too.

    The bundled models read Chinese, Japanese and the European languages in Latin letters. Others, such as Russian,
    Greek, Korean and Vietnamese, need other models, in a folder named as the checkpoint.
    """

    def __init__(self, options: EngineOptions) -> None:
        self.checkpoint = ""
        self.device = "cpu"
        # one thread a page costs less in all than several threads on one page
        self.slots = min(_cores(), MAX_SLOTS)
        self._options = options
        self._ocr: Any = None

    def load(self, progress: Callable[[str], None]) -> None:
        if self._options.device not in ("auto", "cpu"):
            raise NoDevice(
                f"The paddle engine runs on the CPU, not on {self._options.device}",
                hint='Set device to "auto" or "cpu", or choose another engine.',
            )
        detector, recogniser = _models(self._options.checkpoint)
        self.checkpoint = _checkpoint(recogniser)
        progress(marked(f"Loading {self.checkpoint}"))
        try:
            self._ocr = _open(detector, recogniser, threads=max(1, _cores() // self.slots))
            found = self._find(_test_page())
        except (*_UNLOADABLE, ONNXRuntimeError) as exc:
            raise EngineUnusable(f"The models in {recogniser.parent} cannot be loaded", hint=_REINSTALL) from exc
        if not found:
            raise EngineUnusable(f"The models in {recogniser.parent} read nothing on a test page", hint=_REINSTALL)

    def read(self, pages: Sequence[PageImage], prompt: Prompt, cancelled: Event) -> PageText:
        started = time.perf_counter()
        lines_by_page = [self._lines_of(page, prompt) for page in pages if not cancelled.is_set()]
        lines = [line for page in lines_by_page for line in page]
        return PageText(
            number=pages[0].number,
            count=len(pages),
            markup="\n\n".join(map(arrange, lines_by_page)),
            tokens=len(lines),
            seconds=time.perf_counter() - started,
            confidence=_confidence(lines),
            least_confidence=min((line.score for line in lines), default=None),
            finish=Finish.STOP,
            checkpoint=self.checkpoint,
        )

    def _lines_of(self, page: PageImage, prompt: Prompt) -> list[Line]:
        left, top, right, bottom = boxes.on_page(prompt.box, page) if prompt.box else (0, 0, page.width, page.height)
        try:
            return self._read_upright(np.ascontiguousarray(_bgr(page)[top:bottom, left:right]))
        except (ONNXRuntimeError, ResizeImgError, cv2.error, MemoryError) as exc:
            if not _is_about_memory(exc):
                raise
            raise OutOfMemory(
                f"Too little memory to read a page of {page.width} x {page.height} pixels", hint="Close other programs."
            ) from exc

    def _read_upright(self, pixels: Pixels) -> list[Line]:
        """The lines of the page, turned if it came sideways or upside down."""
        lines = self._find(pixels)
        if _is_sideways(lines):
            pixels = np.ascontiguousarray(np.rot90(pixels))
            lines = self._find(pixels)
        if (_confidence(lines) or 0.0) < SURE:
            turned = self._find(np.ascontiguousarray(pixels[::-1, ::-1]))
            lines = max(lines, turned, key=_evidence)
        return lines

    def _find(self, pixels: Pixels) -> list[Line]:
        return [line for top, strip in _strips(pixels) for line in _lines(self._ocr(strip), top)]


def _cores() -> int:
    """Physical cores that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(psutil.cpu_count(logical=False) or 1, allowed or 1))


def _models(checkpoint: str) -> tuple[Path, Path]:
    """Detector and recogniser: RapidOCR's own, or those in the folder *checkpoint*."""
    folder = Path(checkpoint).expanduser() if checkpoint else Path(rapidocr.__file__).parent / "models"
    detector, recogniser = _newest(folder, "det"), _newest(folder, "rec")
    if detector is None or recogniser is None:
        raise CheckpointMissing(
            f"No pair of models *_det_*.onnx and *_rec_*.onnx in {folder}",
            hint="Leave the checkpoint empty for the built-in models." if checkpoint else "Install gotwatch again.",
        )
    return detector, recogniser


def _newest(folder: Path, task: str) -> Path | None:
    return max(folder.glob(f"*_{task}*.onnx"), key=lambda path: (_generation(path), path.name), default=None)


def _generation(model: Path) -> int:
    found = re.search(r"PP-OCRv(\d+)", model.stem)
    return int(found[1]) if found else 0


def _checkpoint(recogniser: Path) -> str:
    """As a person knows the model: the file PP-OCRv6_rec_small.onnx is PP-OCRv6 small."""
    return f"{re.sub('_rec(_|$)', ' ', recogniser.stem).strip()} (rapidocr {metadata.version('rapidocr')})"


def _open(detector: Path, recogniser: Path, *, threads: int) -> Any:
    _require_characters(recogniser)
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",  # its own handler, in colour, past our log
            "Global.max_side_len": MAX_SIDE,
            "Global.min_side_len": 1,  # nor blow up a thin one until memory is full
            "Global.use_cls": False,  # on an upright page it turns some lines upside down
            "Det.model_path": str(detector),  # with a path it never downloads
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE,
            "Rec.model_path": str(recogniser),
            "Rec.rec_batch_num": 1,  # on a CPU a batch is slower, for the padding of its shorter lines
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _require_characters(recogniser: Path) -> None:
    """RapidOCR would look on the network for the characters of a model that does not list them."""
    session = onnxruntime.InferenceSession(str(recogniser), providers=["CPUExecutionProvider"])
    if "character" not in session.get_modelmeta().custom_metadata_map:
        raise EngineUnusable(
            f"{recogniser.name} does not list its characters", hint="Use a model exported for RapidOCR."
        )


def _is_about_memory(exc: BaseException) -> bool:
    """ONNX Runtime, OpenCV and NumPy each say it in their own way."""
    cause = exc.__cause__
    return isinstance(exc, MemoryError) or "alloc" in str(exc) or (cause is not None and _is_about_memory(cause))


def _test_page() -> Pixels:
    image = Image.new("RGB", (480, 120), "white")
    ImageDraw.Draw(image).text((40, 30), "gotwatch", fill="black", font=ImageFont.load_default(48))
    return np.array(image)


def _bgr(page: PageImage) -> Pixels:
    """A copy, since the order of colours differs. No view of the page may outlive read(), not even in a traceback."""
    rgb = np.frombuffer(page.rgb, np.uint8).reshape(page.height, page.width, 3)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _strips(pixels: Pixels) -> Iterator[tuple[int, Pixels]]:
    """Cut a long receipt or screenshot between two lines, as its print would vanish at the detector's scale."""
    height, width = pixels.shape[:2]
    longest = max(DETECTION_SIDE, 2 * width)
    top = 0
    while height - top > longest * 1.25:
        earliest = top + longest * 3 // 4
        bottom = earliest + _quietest_row(pixels[earliest : top + longest])
        yield top, pixels[top:bottom]
        top = bottom
    yield top, pixels[top:]


def _quietest_row(pixels: Pixels) -> int:
    """The middle of the gap with least contrast."""
    contrast = pixels.std(axis=(1, 2))
    return int(np.convolve(contrast, np.ones(GAP_ROWS), mode="valid").argmin()) + GAP_ROWS // 2


def _lines(found: Any, top: int) -> list[Line]:
    if found.boxes is None or found.txts is None:
        return []
    return [
        Line((_point(a, top), _point(b, top), _point(c, top), _point(d, top)), text, score)
        for (a, b, c, d), text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


def _point(corner: Any, top: int) -> tuple[float, float]:
    return float(corner[0]), float(corner[1]) + top


def _is_sideways(lines: Sequence[Line]) -> bool:
    """Whether most of the text runs up or down the page."""
    upright = sideways = 0
    for line in lines:
        (ax, ay), (bx, by), _, (dx, dy) = line.quad
        if abs(dy - ay) + abs(dx - ax) > 1.5 * (abs(bx - ax) + abs(by - ay)):
            sideways += len(line.text)
        else:
            upright += len(line.text)
    return sideways > upright


def _confidence(lines: Sequence[Line]) -> float | None:
    characters = sum(len(line.text) for line in lines)
    return sum(line.score * len(line.text) for line in lines) / characters if characters else None


def _evidence(lines: Sequence[Line]) -> float:
    """Print that stands the right way up gives more characters, each with more confidence."""
    return sum(line.score * len(line.text) for line in lines)
