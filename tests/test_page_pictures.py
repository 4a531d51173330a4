"""Small pictures of pages, made by a real reader process."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gotwatch.errors import Unreadable
from gotwatch.pages.base import PageLimits
from gotwatch.pages.reader import ReaderPool


@pytest.fixture
def pool() -> Iterator[ReaderPool]:
    pool = ReaderPool(PageLimits(), readers=1)
    pool.start()
    yield pool
    pool.stop()


def test_a_page_is_scaled_down_to_its_longest_side(pool: ReaderPool, three_pages: Path) -> None:
    with pool.open(three_pages) as document:
        pictures = [document.depict(number, longest_pixels=40) for number in (1, 2, 3)]

    opened = [Image.open(io.BytesIO(picture.jpeg)) for picture in pictures]
    assert [picture.number for picture in pictures] == [1, 2, 3]
    assert {(picture.width, picture.height) for picture in pictures} == {image.size for image in opened}
    assert {max(image.size) for image in opened} == {40}
    assert {image.format for image in opened} == {"JPEG"}
    assert opened[0].getpixel((2, 2))[0] > 200 > opened[0].getpixel((2, 2))[1], "the first page is red"


def test_a_small_page_stays_as_it_is(pool: ReaderPool, tmp_path: Path) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", (30, 20), "white").save(path)

    with pool.open(path) as document:
        picture = document.depict(1, longest_pixels=1_200)

    assert (picture.width, picture.height) == (30, 20)


def test_a_page_can_be_read_and_depicted_in_turns(pool: ReaderPool, three_pages: Path) -> None:
    with pool.open(three_pages) as document:
        hold = document.render(1)
        hold.release()
        first = document.depict(1, longest_pixels=40)
        second = document.render(2)
        second.release()

    assert (first.number, second.page.number) == (1, 2)


def test_a_damaged_page_is_an_error_of_that_file(pool: ReaderPool, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.effect_noise((200, 200), 50).save(path)
    path.write_bytes(path.read_bytes()[:-10_000])

    with pytest.raises(Unreadable), pool.open(path) as document:
        document.depict(1, longest_pixels=100)
