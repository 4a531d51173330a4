"""The icon's pixels."""

from itertools import combinations

import pytest
from PIL import Image, ImageChops, ImageStat

from gotwatch.desktop.tray.drawing import draw
from gotwatch.desktop.tray.face import Look, Mood

SIZES = (16, 18, 20, 22, 24, 32, 36, 40, 44, 48, 64)
PANELS = {"dark": (30, 30, 30), "light": (245, 245, 245), "blue": (38, 110, 165), "red": (205, 40, 40)}
LOOKS = {mood.value: Look(mood, 40) for mood in Mood} | {
    "working, marked": Look(Mood.WORKING, 40, is_marked=True),
    "paused, marked": Look(Mood.PAUSED, is_marked=True),
}


def on(panel: str, icon: Image.Image) -> Image.Image:
    """In shades of grey, as those see it who see no colours."""
    ground = Image.new("RGB", icon.size, PANELS[panel])
    ground.paste(icon, (0, 0), icon)
    return ground.convert("L")


def clear_pixels(one: Image.Image, other: Image.Image) -> int:
    """How many differ so much that an eye sees it."""
    return sum(ImageChops.difference(one, other).histogram()[48:])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", PANELS)
def test_any_two_states_differ_without_colour(size: int, panel: str) -> None:
    icons = {name: on(panel, draw(look, size)) for name, look in LOOKS.items()}

    alike = [pair for pair in combinations(icons, 2) if clear_pixels(icons[pair[0]], icons[pair[1]]) < 0.06 * size**2]

    assert alike == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", PANELS)
def test_the_icon_stands_out_from_the_panel(size: int, panel: str) -> None:
    bare = on(panel, Image.new("RGBA", (size, size)))

    lost = [name for name, look in LOOKS.items() if clear_pixels(on(panel, draw(look, size)), bare) < 0.2 * size**2]

    assert lost == []


@pytest.mark.parametrize("size", SIZES)
def test_upright_and_level_edges_are_sharp(size: int) -> None:
    """Outside of the folded corner each pixel has one of the few colours that are drawn."""
    icon = draw(Look(Mood.IDLE), size)
    lower = icon.crop((0, size // 2, size, size))

    assert len(lower.getcolors() or []) <= 4


@pytest.mark.parametrize("size", SIZES)
def test_more_progress_fills_more_of_the_bar(size: int) -> None:
    light = [
        ImageStat.Stat(draw(Look(Mood.WORKING, percent), size).convert("L")).sum[0] for percent in range(0, 101, 10)
    ]

    assert light == sorted(light)
    assert len(set(light)) >= 9


@pytest.mark.parametrize("size", SIZES)
def test_the_warning_is_as_wide_on_its_left_as_on_its_right(size: int) -> None:
    icon = on("dark", draw(Look(Mood.NEEDS_YOU), size))

    assert clear_pixels(icon, icon.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == 0


@pytest.mark.parametrize("look", LOOKS)
def test_a_panel_that_halves_a_large_icon_gets_a_sharp_one(look: str) -> None:
    """XFCE's panel takes the largest icon that is offered, and makes it as small as it needs."""
    halved = draw(LOOKS[look], 44).resize((22, 22), Image.Resampling.BOX)

    assert clear_pixels(on("dark", halved), on("dark", draw(LOOKS[look], 22))) <= 6  # of 484, at slanted edges
