"""Images of all kinds through the loader, in this process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from gotwatch.documents import PageImage
from gotwatch.errors import FileBusy, SourceGone, TooLarge, Unreadable, Unsupported
from gotwatch.pages.base import PageLimits, Pages
from gotwatch.pages.loader import open_pages
from tests import bad_files

Maker = Callable[[Path], Path]

NEEDS_FIFOS = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@contextmanager
def opened(path: Path, limits: PageLimits | None = None) -> Iterator[Pages]:
    pages = open_pages(path, limits or PageLimits())
    try:
        yield pages
    finally:
        pages.close()


def picture(page: PageImage) -> Image.Image:
    return Image.frombytes("RGB", (page.width, page.height), bytes(page.rgb))


def rendered(path: Path, limits: PageLimits | None = None) -> list[Image.Image]:
    with opened(path, limits) as pages:
        return [picture(pages.render(number)) for number in range(1, len(pages) + 1)]


def ink_box(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Where the page is much darker than white, right and bottom included."""
    box = image.convert("L").point(lambda level: 255 if level < 160 else 0).getbbox()
    return box and (box[0], box[1], box[2] - 1, box[3] - 1)


UPRIGHT_MAKERS = [
    bad_files.cmyk_jpeg,
    bad_files.grey16_png,
    bad_files.grey12_tiff,
    bad_files.big_endian_tiff,
    bad_files.white_is_zero_tiff,
    bad_files.float_tiff,
    bad_files.transparent_png,
    bad_files.palette_png,
    bad_files.rotated_jpeg,
    bad_files.tiff_with_thumbnail,
    bad_files.lab_tiff,
]


@pytest.mark.parametrize("make", UPRIGHT_MAKERS)
def test_every_kind_of_pixels_becomes_dark_ink_on_white(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    [page] = rendered(path)

    assert page.size == (200, 100)
    assert page.getpixel((0, 0)) == (255, 255, 255)
    assert ink_box(page) == bad_files.INK_BOX


@pytest.mark.parametrize("make", [bad_files.webp, bad_files.avif, bad_files.jpeg_named_png])
def test_a_page_of_text_is_read_by_its_content(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    [page] = rendered(path)

    difference = ImageChops.difference(page, bad_files.text_page()).convert("L")
    assert sum(difference.histogram()[100:]) == 0


def test_a_photo_of_a_phone_is_turned_upright(tmp_path: Path) -> None:
    path = bad_files.heic(tmp_path)

    [page] = rendered(path)

    assert page.size == (32, 64)
    assert ink_box(page) == (6, 24, 13, 55)


def test_black_ink_on_nothing_is_laid_on_white_and_white_ink_on_black(tmp_path: Path) -> None:
    black_ink, white_ink = bad_files.transparent_png(tmp_path), bad_files.white_on_nothing_png(tmp_path)

    [on_white], [on_black] = rendered(black_ink), rendered(white_ink)

    assert ImageChops.invert(on_white).tobytes() == on_black.tobytes()


def test_each_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = bad_files.multipage_tiff(tmp_path)

    pages = rendered(path)

    assert [page.getpixel((100, 30)) for page in pages] == [(0, 0, 0), (0, 0, 0), (200, 0, 0)]


@pytest.mark.parametrize("make", [bad_files.animated_gif, bad_files.animated_webp])
def test_each_picture_of_an_animation_is_a_page(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    pages = rendered(path)

    assert len({page.tobytes() for page in pages}) == len(pages) == 3


def test_an_animation_that_stands_still_is_one_page(tmp_path: Path) -> None:
    path = bad_files.still_gif(tmp_path)

    [page] = rendered(path)

    assert ink_box(page) == bad_files.INK_BOX


def test_pages_may_be_rendered_in_any_order(tmp_path: Path) -> None:
    path = bad_files.animated_gif(tmp_path)

    with opened(path) as pages:
        numbers = [pages.render(number).number for number in (3, 1, 1, 2)]

    assert numbers == [3, 1, 1, 2]


def test_a_fax_gets_square_pixels(tmp_path: Path) -> None:
    path = bad_files.fax_tiff(tmp_path)

    [page] = rendered(path)

    assert page.size == (200, 208)


@pytest.mark.parametrize(
    "make",
    [
        bad_files.empty,
        bad_files.reserved,
        bad_files.corrupt_png,
        bad_files.corrupt_jpeg,
        bad_files.truncated_jpeg,
        bad_files.truncated_png,
    ],
)
def test_a_damaged_image_is_refused_with_advice(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    with pytest.raises(Unreadable) as refused:
        rendered(path)

    assert path.name in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (bad_files.text_named_png, "plain text"),
        (bad_files.text_named_pdf, "plain text"),
        (bad_files.office_named_pdf, "Office"),
        (bad_files.folder_named_png, "a folder"),
        pytest.param(bad_files.fifo_named_pdf, "a pipe", marks=NEEDS_FIFOS),
    ],
)
def test_what_is_no_document_is_refused_by_what_it_is(tmp_path: Path, make: Maker, found: str) -> None:
    path = make(tmp_path)

    with pytest.raises(Unsupported, match=found):
        open_pages(path, PageLimits())


def test_a_small_file_of_900_million_pixels_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = bad_files.huge_png(tmp_path)

    with pytest.raises(TooLarge, match="30,000 x 30,000 pixels; the limit is 60 million") as refused:
        rendered(path)

    assert "limits.max_pixels" in refused.value.hint


def test_a_jpeg_of_too_many_pixels_is_read_at_half_its_size(tmp_path: Path) -> None:
    path = bad_files.rotated_jpeg(tmp_path)

    [page] = rendered(path, PageLimits(max_pixels=10_000))

    assert page.size == (100, 50)


def test_an_animation_of_too_many_frames_is_refused(tmp_path: Path) -> None:
    path = bad_files.animated_gif(tmp_path)

    with pytest.raises(TooLarge, match="3 pages; the limit is 2") as refused:
        rendered(path, PageLimits(max_pages=2))

    assert "limits.max_pages" in refused.value.hint


def test_a_file_that_has_gone_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "gone.png"

    with pytest.raises(SourceGone, match=r"gone\.png is no longer there"):
        open_pages(path, PageLimits())


def test_a_file_that_may_not_be_opened_is_tried_again_later(tmp_path: Path) -> None:
    path = bad_files.webp(tmp_path)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may open everything")

    with pytest.raises(FileBusy, match="may not be opened"):
        open_pages(path, PageLimits())
