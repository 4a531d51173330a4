"""What of a page the model is shown at a time: all of it, the part with ink, or strips whose texts are put together."""

import math
from collections.abc import Sequence
from itertools import chain

from PIL import Image, ImageChops

from gotwatch.documents import Finish, PageImage, Prompt
from gotwatch.engine.got import preprocess
from gotwatch.engine.got.opened import Written

Pages = Sequence[PageImage]

_PAPER_TOLERANCE = 24  # levels: what differs from the margin by less is no ink
_MARGIN_SHARE = 0.02  # of the shorter side, kept around the ink
_STRIP_ASPECT = 4.0  # squeezed into a square more than this, letters cannot be told apart
_STRIP_OVERLAP = 0.1  # so that a line at the cut stands whole in one of the two strips


def cut(pages: Pages, prompt: Prompt) -> list[Pages]:
    """What is written one after the other: *pages* as they are, if *prompt* does not ask for trimming or strips.

    A box is of the whole page, so nothing is left off a page with one. Only a page that is read as a whole, and not
    in tiles or by colour, is cut into strips, from the top or the left; strips without ink are left out.
    """
    if prompt.box is not None or not (prompt.trim or prompt.strips):
        return [pages]
    images = [preprocess.image_of(page) for page in pages]
    if prompt.trim:
        images = [trimmed(image) for image in images]
    if prompt.strips and not (prompt.color or prompt.crop or prompt.multi_page):
        cuttings = strips(images[0])
        inked = [strip for strip in cuttings if _ink(strip)]
        return [[_page(pages[0], strip)] for strip in inked or cuttings[:1]]
    return [[_page(page, image) for page, image in zip(pages, images, strict=True)]]


def trimmed(image: Image.Image) -> Image.Image:
    """*image* without what is of one colour around its ink, but for a little; all of it where there is no ink."""
    box = _ink(image)
    if box is None:
        return image
    margin = round(_MARGIN_SHARE * min(image.size))
    left, top, right, bottom = box
    return image.crop(
        (
            max(0, left - margin),
            max(0, top - margin),
            min(image.width, right + margin),
            min(image.height, bottom + margin),
        )
    )


def strips(image: Image.Image) -> list[Image.Image]:
    """A very long image in overlapping pieces, from the top or the left; others as they are."""
    long, short = max(image.size), min(image.size)
    count = math.ceil(long / short / _STRIP_ASPECT)
    if count <= 1:
        return [image]
    step = long / count
    overlap = _STRIP_OVERLAP * short
    spans = [(round(max(0, k * step - overlap)), round(min(long, (k + 1) * step + overlap))) for k in range(count)]
    if image.height >= image.width:
        return [image.crop((0, start, image.width, end)) for start, end in spans]
    return [image.crop((start, 0, end, image.height)) for start, end in spans]


def joined(parts: Sequence[Written]) -> Written:
    """All that was written; ended as the first part that did not come to its own end."""
    return Written(
        ids=tuple(chain.from_iterable(part.ids for part in parts)),
        log_probs=tuple(chain.from_iterable(part.log_probs for part in parts)),
        finish=next((part.finish for part in parts if part.finish is not Finish.STOP), Finish.STOP),
    )


def joined_markup(texts: Sequence[str]) -> str:
    """Texts of strips, which overlap: lines that end one and begin the next, the same to the letter, are said once."""
    lines: list[str] = []
    for text in texts:
        more = text.split("\n") if text else []
        lines += more[_repeated(lines, more) :]
    return "\n".join(lines)


def _repeated(lines: Sequence[str], more: Sequence[str]) -> int:
    """How many lines at the end of *lines* are those at the beginning of *more*."""
    most = min(len(lines), len(more))
    return next((count for count in range(most, 0, -1) if lines[-count:] == more[:count]), 0)


def _ink(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around all that differs from the paper, which is what the first corner shows."""
    paper = Image.new("RGB", image.size, image.getpixel((0, 0)))
    ink = ImageChops.difference(image, paper).convert("L").point(lambda level: 255 * (level > _PAPER_TOLERANCE))
    return ink.getbbox()


def _page(page: PageImage, image: Image.Image) -> PageImage:
    return PageImage(page.number, image.width, image.height, image.tobytes())
