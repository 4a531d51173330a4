"""Image files as pages. The only module that knows Pillow's many kinds of pixels."""

import hashlib
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Protocol, cast

import pi_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from gotwatch.documents import PageImage
from gotwatch.errors import FileBusy, TooLarge, Unreadable
from gotwatch.pages.base import NO_TEXT, Kind, PageLimits, TextLayer
from gotwatch.words import marked

DAMAGED_HINT = marked("Open it in an image viewer; if it shows there, save it anew. Otherwise scan or copy it again.")

# What Pillow and its plugins raise for content that is not what its header promises.
DAMAGE = (
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)

# Files of numbers rather than colours: their highest value tells how many bits the scanner wrote.
WIDE_MODES = frozenset(("I", "I;16", "I;16L", "I;16B", "F"))
WHITE_LEVELS = tuple(2**bits - 1 for bits in (8, 10, 12, 14, 16, 32))

LIGHT_GREY = 200  # what is drawn in nothing darker cannot be seen on white paper
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

# TIFF tags and their values.
NEW_SUBFILE_TYPE, THUMBNAIL_OR_MASK = 254, 0b101
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0

TURNS = {  # by EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

LEAST_ASPECT, MOST_ASPECT = 1.2, 4.0  # a standard fax has 2.1; more is an error in the file


class Opener(Protocol):
    def __call__(self, fp: BinaryIO, /) -> ImageFile.ImageFile: ...


# The decoders themselves rather than Image.open: the loader knows the kind, and Pillow need not guess it.
OPENERS: Mapping[Kind, Opener] = {
    Kind.PNG: PngImagePlugin.PngImageFile,
    Kind.JPEG: JpegImagePlugin.JpegImageFile,
    Kind.TIFF: TiffImagePlugin.TiffImageFile,
    Kind.GIF: GifImagePlugin.GifImageFile,
    Kind.WEBP: WebPImagePlugin.WebPImageFile,
    Kind.BMP: BmpImagePlugin.BmpImageFile,
    Kind.HEIF: pi_heif.HeifImageFile,
    Kind.AVIF: AvifImagePlugin.AvifImageFile,
}


def open_image(stream: BinaryIO, kind: Kind, *, name: str, limits: PageLimits) -> "ImagePages":
    with _decoding(name):
        image = OPENERS[kind](stream)
        frames = _frames(image, kind, name, limits)
    return ImagePages(image, stream, frames, name=name, limits=limits)


class ImagePages:
    def __init__(
        self, image: ImageFile.ImageFile, stream: BinaryIO, frames: list[int], *, name: str, limits: PageLimits
    ) -> None:
        self._image = image
        self._stream = stream
        self._frames = frames
        self._name = name
        self._limits = limits

    def __len__(self) -> int:
        return len(self._frames)

    def render(self, number: int) -> PageImage:
        with _decoding(self._name):
            self._image.seek(self._frames[number - 1])
            _decode(self._image, self._name, self._limits)
        rgb = _square_pixels(_to_rgb(self._image, self._name), _pixel_aspect(self._image))
        rgb = _upright(rgb, _orientation(self._image))
        return PageImage(number, rgb.width, rgb.height, rgb.tobytes())

    def text(self, number: int) -> TextLayer:  # noqa: ARG002 - the protocol's
        return NO_TEXT

    def close(self) -> None:
        self._image.close()
        self._stream.close()


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError as exc:
        raise TooLarge(f"{name} has too many pixels: {exc}", hint="Scale it down.") from exc
    except OSError as exc:
        if exc.errno is not None:  # the disk's complaint; Pillow's own carry no number
            raise FileBusy(f"{name} cannot be read now: {exc.strerror}", hint="Check the disk.") from exc
        raise Unreadable(f"{name} is damaged: {exc}", hint=DAMAGED_HINT) from exc
    except SyntaxError as exc:
        raise Unreadable(f"{name} is damaged: its header makes no sense", hint=DAMAGED_HINT) from exc
    except DAMAGE as exc:
        raise Unreadable(f"{name} is damaged: {exc}", hint=DAMAGED_HINT) from exc


def _frames(image: ImageFile.ImageFile, kind: Kind, name: str, limits: PageLimits) -> list[int]:
    """Which of the file's pictures are pages."""
    count: int = getattr(image, "n_frames", 1)
    limits.check_page_count(name, count)
    if count == 1 or kind is Kind.JPEG:
        return [0]
    if kind is Kind.HEIF:
        return list(range(count))
    if kind is Kind.TIFF:
        return _tiff_pages(image, count) or [0]
    return _distinct_frames(image, count, name, limits)


def _tiff_pages(image: ImageFile.ImageFile, count: int) -> list[int]:
    """Without the thumbnails and masks that scanners and cameras put in between."""
    pages = []
    for index in range(count):
        image.seek(index)
        if not _tiff_tags(image).get(NEW_SUBFILE_TYPE, 0) & THUMBNAIL_OR_MASK:
            pages.append(index)
    return pages


def _distinct_frames(image: ImageFile.ImageFile, count: int, name: str, limits: PageLimits) -> list[int]:
    """An animation's pictures, each as long as it stands still once."""
    limits.check_pixels(name, *image.size)
    frames, last = [], b""
    for index in range(count):
        image.seek(index)
        look = hashlib.blake2b(image.convert("RGBA").tobytes()).digest()
        if look != last:
            frames.append(index)
        last = look
    return frames


def _decode(image: ImageFile.ImageFile, name: str, limits: PageLimits) -> None:
    _draft(image, limits.max_pixels)
    limits.check_pixels(name, *image.size)
    image.load()


def _draft(image: ImageFile.ImageFile, max_pixels: int) -> None:
    """Let a JPEG that is too big be decoded at a half, a quarter or an eighth; other kinds ignore it."""
    factor = 1
    while image.width * image.height > max_pixels * factor**2 and factor < 8:
        factor *= 2
    if factor > 1:
        image.draft(image.mode, (image.width // factor, image.height // factor))


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode in WIDE_MODES:
        grey = _narrow(image, name)
        inverted = _tiff_tags(image).get(PHOTOMETRIC) == WHITE_IS_ZERO  # Pillow turns only 8 bits and fewer
        return (ImageOps.invert(grey) if inverted else grey).convert("RGB")
    if image.has_transparency_data:
        return _on_paper(image.convert("RGBA"))
    if image.mode == "LAB":
        return image.getchannel("L").convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _narrow(image: Image.Image, name: str) -> Image.Image:
    """Numbers of 10 to 32 bits as 8-bit grey.

    Scanners store 10, 12 or 14 bits in a 16-bit file as they are, which taken as 16 bits would be
    an all but black page. So white is the highest number of the fewest bits that hold every value.
    Fractions run from 0 to 1; anything else is stretched between its darkest and its lightest value.
    """
    wide = image if image.mode == "F" else image.convert("I")
    low, high = cast("tuple[float, float]", wide.getextrema())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Unreadable(f"{name} is damaged: it holds numbers that are no brightness", hint=DAMAGED_HINT)
    black, white = _levels(low, high, fractions=image.mode == "F")
    scale = 255.0 / (white - black)
    return wide.point(lambda value: value * scale + -black * scale).convert("L")


def _levels(low: float, high: float, *, fractions: bool) -> tuple[float, float]:
    if fractions and low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and not fractions:
        return 0.0, next(level for level in WHITE_LEVELS if level >= high)
    if low >= 0 and high <= 255:
        return 0.0, 255.0
    return low, high if high > low else low + 1.0


def _on_paper(image: Image.Image) -> Image.Image:
    """Laid on white; on black if all that is drawn is so light that white would swallow it."""
    drawn = image.getchannel("A").point(lambda alpha: 255 if alpha > 127 else 0)
    dark_pixels = sum(image.convert("L").histogram(drawn)[:LIGHT_GREY])
    paper = Image.new("RGB", image.size, WHITE if dark_pixels or not drawn.getbbox() else BLACK)
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _tiff_tags(image: Image.Image) -> Mapping[int, int]:
    tags: Mapping[int, int] = getattr(image, "tag_v2", {})
    return tags


def _square_pixels(rgb: Image.Image, aspect: float) -> Image.Image:
    """Faxes have half as many lines as columns to the inch; letters squashed flat are hard to read."""
    if LEAST_ASPECT <= aspect <= MOST_ASPECT:
        return rgb.resize((rgb.width, round(rgb.height * aspect)))
    if LEAST_ASPECT <= 1 / aspect <= MOST_ASPECT:
        return rgb.resize((round(rgb.width / aspect), rgb.height))
    return rgb


def _pixel_aspect(image: Image.Image) -> float:
    """How many times as high as wide a pixel is."""
    try:
        across, down = map(float, image.info.get("dpi", (1, 1)))
        return across / down if across > 0 < down else 1.0
    except DAMAGE:  # a broken note about the picture; the picture may be sound
        return 1.0


def _upright(rgb: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return rgb if turn is None else rgb.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except DAMAGE:
        return 1
