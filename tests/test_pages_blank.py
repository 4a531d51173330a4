"""The blank test: in doubt a page is not blank."""

import random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from gotwatch.documents import PageImage
from gotwatch.pages.blank import is_blank

A4 = (1654, 2339)  # at 200 dpi
POINT = 200 / 72


def blank(image: Image.Image) -> bool:
    rgb = image.convert("RGB")
    return is_blank(PageImage(1, rgb.width, rgb.height, rgb.tobytes()))


def paper(color: str | tuple[int, int, int] = "white", size: tuple[int, int] = A4) -> Image.Image:
    return Image.new("RGB", size, color)


def write(
    page: Image.Image, text: str, *, points: float, at: tuple[int, int] = (800, 1100), color: str = "black"
) -> None:
    ImageDraw.Draw(page).text(at, text, fill=color, font=ImageFont.load_default(points * POINT))


def noisy(page: Image.Image, sigma: float) -> Image.Image:
    noise = Image.effect_noise(page.size, sigma)  # around 128
    return ImageChops.add(page, Image.merge("RGB", (noise, noise, noise)), scale=1, offset=-128)


def shaded(page: Image.Image) -> Image.Image:
    """Darker by a tenth towards one side, as under a lamp."""
    ramp = Image.linear_gradient("L").rotate(90).resize(page.size).point(lambda level: 255 - level // 10)
    return ImageChops.multiply(page, Image.merge("RGB", (ramp, ramp, ramp)))


@pytest.mark.parametrize("color", ["white", "black", "#f4ecd8", "#9fc5e8", "#202020", "red"])
def test_a_page_of_one_colour_is_blank(color: str) -> None:
    page = paper(color)

    assert blank(page)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (60, 80), (300, 20), (3000, 4000)])
def test_an_empty_picture_of_any_size_is_blank(size: tuple[int, int]) -> None:
    page = paper("#f8f8f0", size)

    assert blank(page)


@pytest.mark.parametrize("sigma", [2, 5, 9])
def test_the_scanners_noise_is_no_ink(sigma: int) -> None:
    page = noisy(paper("#ece8dc"), sigma)

    assert blank(page)


def test_slow_shading_is_no_ink() -> None:
    page = noisy(shaded(paper("#f0ece4")), 3)

    assert blank(page)


def test_specks_of_dust_are_no_ink() -> None:
    page, dice = noisy(paper("#f6f4ee"), 3), random.Random(4)
    for _ in range(25):
        x, y, size = dice.randrange(100, 1500), dice.randrange(100, 2200), dice.randrange(1, 6)
        ImageDraw.Draw(page).ellipse((x, y, x + size, y + size), fill="#404040")

    assert blank(page)


def test_dark_strips_along_the_edges_are_no_ink() -> None:
    page = paper("#f6f4ee")
    ImageDraw.Draw(page).rectangle((0, 0, 35, 2339), fill="black")
    ImageDraw.Draw(page).rectangle((0, 2300, 1654, 2339), fill="#303030")

    assert blank(noisy(page, 3))


def test_one_short_word_is_ink() -> None:
    page = paper()
    write(page, "no", points=7)

    assert not blank(page)


@pytest.mark.parametrize("digit", "1247")
@pytest.mark.parametrize("at", [(820, 2250), (1540, 60), (820, 2290)])
def test_a_page_number_is_ink(digit: str, at: tuple[int, int]) -> None:
    page = noisy(paper("#f4f0e8"), 4)
    write(page, digit, points=9, at=at)

    assert not blank(page)


def test_a_faint_pencil_note_is_ink() -> None:
    page = noisy(paper("#eeeae0"), 3)
    write(page, "call back", points=12, color="#d2cec6")

    assert not blank(page)


def test_a_thin_line_is_ink() -> None:
    page = paper()
    ImageDraw.Draw(page).line((200, 300, 900, 310), fill="#808080")

    assert not blank(page)


def test_white_text_on_black_is_ink() -> None:
    page = paper("black")
    write(page, "Thank you", points=10, color="white")

    assert not blank(page)


def test_red_ink_on_a_green_of_the_same_brightness_is_ink() -> None:
    page = paper((0, 150, 0))
    write(page, "Sale", points=20, color="#960000")

    assert not blank(page)


def test_small_print_is_ink() -> None:
    page = paper()
    write(page, "No liability is taken for anything that is printed here.", points=4, at=(400, 2200))

    assert not blank(page)


def test_a_dotted_line_is_ink() -> None:
    page = paper()
    for x in range(200, 1400, 24):
        ImageDraw.Draw(page).rectangle((x, 1500, x + 2, 1502), fill="black")

    assert not blank(page)


def test_a_word_that_is_cut_off_by_the_edge_is_ink() -> None:
    page = paper()
    write(page, "Appendix", points=14, at=(-40, 1200))

    assert not blank(page)


def test_a_photograph_is_ink() -> None:
    shapes = Image.effect_noise((300, 400), 80).filter(ImageFilter.GaussianBlur(4))
    page = ImageOps.autocontrast(shapes).resize(A4)

    assert not blank(page)


def test_a_page_of_text_on_a_small_picture_is_ink() -> None:
    page = paper(size=(120, 30))
    write(page, "ok", points=3, at=(10, 8))

    assert not blank(page)
