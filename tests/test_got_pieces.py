"""What of a page the model is shown at a time, and how the texts of strips are put together."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gotwatch.documents import BoxBy, Color, Finish, PageImage, Prompt
from gotwatch.engine.got import pieces
from gotwatch.engine.got.opened import Written

TRIM, STRIPS = Prompt(trim=True), Prompt(strips=True)


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def as_page(image: Image.Image, number: int = 1) -> PageImage:
    return PageImage(number, image.width, image.height, memoryview(image.tobytes()))


def with_ink(width: int, height: int, *boxes: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("RGB", (width, height), (250, 248, 240))
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, "black")
    return image


def sizes(cut: list[pieces.Pages]) -> list[list[tuple[int, int]]]:
    return [[(page.width, page.height) for page in pages] for pages in cut]


def test_margins_of_one_colour_are_trimmed_but_for_a_little() -> None:
    trimmed = pieces.trimmed(with_ink(400, 300, (100, 120, 199, 159)))

    assert trimmed.size == (112, 52)
    assert trimmed.getpixel((6, 6)) == (0, 0, 0)


def test_an_image_without_ink_keeps_its_margins() -> None:
    assert pieces.trimmed(Image.new("RGB", (40, 30), "white")).size == (40, 30)


def test_a_page_that_is_all_ink_keeps_its_size() -> None:
    assert pieces.trimmed(noise(40, 30)).size == (40, 30)


@pytest.mark.parametrize("size", [(300, 300), (300, 1200), (1200, 300)])
def test_an_ordinary_page_is_not_split(size: tuple[int, int]) -> None:
    image = noise(*size)

    assert pieces.strips(image) == [image]


def test_a_long_strip_is_split_into_overlapping_pieces_from_its_top() -> None:
    image = noise(100, 1000)

    strips = pieces.strips(image)

    assert [strip.size for strip in strips] == [(100, 343), (100, 354), (100, 343)]
    assert np.array_equal(np.asarray(strips[1]), np.asarray(image)[323:677])


def test_a_wide_strip_is_split_from_its_left() -> None:
    image = noise(1000, 100)

    strips = pieces.strips(image)

    assert np.array_equal(np.asarray(strips[-1]), np.asarray(image)[:, 657:])


def test_a_page_is_shown_as_it_is_unless_something_else_is_asked_for() -> None:
    pages = [as_page(noise(40, 400))]

    (shown,) = pieces.cut(pages, Prompt())

    assert shown is pages


def test_each_of_several_pages_is_trimmed_and_they_stay_together() -> None:
    pages = [as_page(with_ink(400, 300, box), number) for number, box in ((3, (1, 1, 99, 99)), (4, (9, 9, 19, 29)))]

    (shown,) = pieces.cut(pages, replace(TRIM, multi_page=True))

    assert [page.number for page in shown] == [3, 4]
    assert sizes([shown]) == [[(106, 106), (23, 33)]]


@pytest.mark.parametrize("by", list(BoxBy))
def test_a_page_with_a_box_keeps_its_margins_for_the_box_is_of_the_whole_page(by: BoxBy) -> None:
    pages = [as_page(with_ink(400, 3000, (100, 120, 199, 159)))]

    (shown,) = pieces.cut(pages, Prompt(box=(90, 90, 300, 200), box_by=by, trim=True, strips=True))

    assert shown is pages


def test_margins_go_before_a_page_is_seen_to_be_long() -> None:
    page = as_page(with_ink(400, 3000, (100, 120, 299, 599)))

    assert sizes(pieces.cut([page], replace(TRIM, strips=True))) == [[(216, 496)]]


def test_strips_without_ink_are_not_shown_to_a_model_that_would_invent_text() -> None:
    page = as_page(with_ink(100, 1000, (10, 10, 90, 200), (10, 900, 90, 950)))

    assert len(pieces.cut([page], STRIPS)) == 2
    assert len(pieces.cut([as_page(with_ink(100, 1000))], STRIPS)) == 1


@pytest.mark.parametrize("prompt", [replace(STRIPS, crop=True), replace(STRIPS, color=Color.RED)])
def test_only_a_page_that_is_read_as_a_whole_is_cut(prompt: Prompt) -> None:
    assert len(pieces.cut([as_page(noise(100, 1000))], prompt)) == 1


def test_no_view_of_the_pixels_is_kept() -> None:
    page = as_page(noise(100, 1000))
    assert isinstance(page.rgb, memoryview)

    kept = pieces.cut([page], STRIPS)
    page.rgb.release()  # an error if anything still looked at it

    assert len(kept) == 3


@pytest.mark.parametrize(
    ("texts", "markup"),
    [
        ([], ""),
        (["one"], "one"),
        (["one\ntwo", "three"], "one\ntwo\nthree"),
        (["one\ntwo", "two\nthree"], "one\ntwo\nthree"),
        (["one\ntwo\nthree", "two\nthree\nfour"], "one\ntwo\nthree\nfour"),
        (["one\ntwo", "tw0\nthree"], "one\ntwo\ntw0\nthree"),  # not the same to the letter
        (["a\na", "b\na\na"], "a\na\nb\na\na"),  # not at the seam
        (["one", "", "one"], "one"),
    ],
)
def test_lines_that_two_strips_share_are_said_once(texts: list[str], markup: str) -> None:
    assert pieces.joined_markup(texts) == markup


def test_strips_end_as_the_first_that_did_not_end_by_itself() -> None:
    parts = [Written((1,), (-0.5, -0.1), Finish.STOP), Written((2,), (-0.2,), Finish.LENGTH)]

    joined = pieces.joined([*parts, Written((3,), (-0.3,), Finish.LOOP)])

    assert joined == Written((1, 2, 3), (-0.5, -0.1, -0.2, -0.3), Finish.LENGTH)
