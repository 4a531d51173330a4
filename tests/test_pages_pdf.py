"""PDFs through the loader and the real PDFium, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from gotwatch.errors import Encrypted, TooLarge, Unreadable
from gotwatch.pages.base import PageLimits
from gotwatch.pages.loader import open_pages
from tests import bad_files
from tests.test_pages_images import ink_box, opened, rendered

Maker = Callable[[Path], Path]

POINTS = PageLimits(dpi=72)  # one pixel a point, so that positions are those of the PDF


def test_a_page_is_rendered_at_the_dpi_asked_for(tmp_path: Path) -> None:
    path = bad_files.pdf(tmp_path)

    [coarse], [fine] = rendered(path, POINTS), rendered(path, PageLimits(dpi=144))

    assert (coarse.size, fine.size) == ((200, 100), (400, 200))
    assert coarse.getpixel((0, 0)) == (255, 255, 255)
    assert ink_box(coarse) == bad_files.INK_BOX


def test_colours_come_out_in_their_order(tmp_path: Path) -> None:
    path = bad_files.pdf(tmp_path, ink=b"1 0 0 rg 0 0 100 100 re f 0 0 1 rg 100 0 100 100 re f")

    [page] = rendered(path, POINTS)

    assert (page.getpixel((50, 50)), page.getpixel((150, 50))) == ((255, 0, 0), (0, 0, 255))


def test_pages_come_in_their_order(three_pages: Path) -> None:
    red, grey, navy = (page.getpixel((5, 5)) for page in rendered(three_pages))

    assert red[0] > 200 > red[1]
    assert grey[0] == grey[2]
    assert navy[2] > 100 > navy[0]


@pytest.mark.parametrize("make", [bad_files.pdf_named_png, bad_files.restricted_pdf])
def test_a_pdf_that_opens_is_read_whatever_its_name_or_its_owner_forbids(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    [page] = rendered(path, POINTS)

    assert ink_box(page) == bad_files.INK_BOX


def test_a_page_that_the_pdf_turns_is_turned(tmp_path: Path) -> None:
    path = bad_files.pdf(tmp_path, page=b"/MediaBox [0 0 200 100] /Rotate 90")

    [page] = rendered(path, POINTS)

    assert page.size == (100, 200)
    assert ink_box(page) == (50, 40, 79, 159)


def test_filled_in_form_fields_and_stamps_are_drawn(tmp_path: Path) -> None:
    path = bad_files.form_pdf(tmp_path)

    [page] = rendered(path, POINTS)

    assert page.getpixel((30, 50)) == (0, 0, 0), "the form field"
    assert page.getpixel((150, 50)) == (0, 0, 0), "the stamp"


def test_a_password_is_asked_for_by_name(tmp_path: Path) -> None:
    path = bad_files.encrypted_pdf(tmp_path)

    with pytest.raises(Encrypted, match=r"encrypted\.pdf needs a password") as refused:
        open_pages(path, PageLimits())

    assert "without a password" in refused.value.hint


@pytest.mark.parametrize(
    "make",
    [
        bad_files.corrupt_pdf,
        bad_files.truncated_pdf,
        bad_files.cut_linearized_pdf,
        bad_files.pdf_without_pages,
        bad_files.looping_pdf,
    ],
)
def test_a_damaged_pdf_is_refused_with_advice(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path)

    with pytest.raises(Unreadable) as refused:
        rendered(path)

    assert path.name in refused.value.message
    assert refused.value.hint


def test_a_pdf_without_pages_is_not_taken_for_an_encrypted_one(tmp_path: Path) -> None:
    # PDFium kept the error of the file before; seen when the tests ran in another order
    encrypted, empty = bad_files.encrypted_pdf(tmp_path), bad_files.pdf_without_pages(tmp_path)
    with pytest.raises(Encrypted):
        open_pages(encrypted, PageLimits())

    with pytest.raises(Unreadable):
        open_pages(empty, PageLimits())


def test_a_pdf_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = bad_files.many_pages_pdf(tmp_path)

    with pytest.raises(TooLarge, match="2,001 pages; the limit is 2,000") as refused:
        open_pages(path, PageLimits())

    assert "limits.max_pages" in refused.value.hint


def test_a_pdf_of_as_many_pages_as_allowed_is_read(tmp_path: Path) -> None:
    path = bad_files.many_pages_pdf(tmp_path, count=2_000)

    with opened(path, POINTS) as pages:
        last = pages.render(2_000)

    assert (last.number, last.width, last.height) == (2_000, 100, 100)


def test_a_poster_is_rendered_coarser_within_the_limit(tmp_path: Path) -> None:
    path = bad_files.poster_pdf(tmp_path)

    [page] = rendered(path, PageLimits(max_pixels=1_000_000))

    assert page.size == (1_000, 1_000)
    assert ink_box(page) is not None


def test_a_page_of_almost_no_width_is_rendered(tmp_path: Path) -> None:
    path = bad_files.ribbon_pdf(tmp_path)

    [page] = rendered(path)

    assert page.width == 1
    assert page.height <= 32_001


def test_a_photo_saved_as_a_huge_page_is_not_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "photo.pdf"
    Image.new("L", (1_600, 1_200), 200).save(path, resolution=72)

    [page] = rendered(path)

    assert page.size == (1_600, 1_200)


def test_a_picture_too_big_to_unpack_is_refused_rather_than_left_out(tmp_path: Path) -> None:
    path = bad_files.image_bomb_pdf(tmp_path)

    with pytest.raises(TooLarge, match="60,000 x 60,000 pixels") as refused:
        rendered(path)

    assert "limits.reader_megabytes" in refused.value.hint
