"""What the README shows: that the pages are without blemish, and the pictures there and small."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gotwatch.render import html
from gotwatch.render.workbench import Workbench
from tests.read_documents import formatted
from tests.web_pages import parsed, words

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for path in (ROOT / "samples" / "showcase").iterdir() if path.suffix in (".mmd", ".krn", ".tex"))
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_nothing_of_it_had_to_be_mended_or_is_shown_as_source(bench: Workbench, source: Path) -> None:
    for package in ("quickjs", "verovio", "tikra"):
        pytest.importorskip(package)

    tree = parsed(html.render(formatted(source.read_text("utf-8")), bench))

    assert "was mended" not in words(tree)
    assert tree.findall(".//*[@class='source']") == []
    assert tree.findall(".//*[@class='raw']") == []


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_shown_and_soon_loaded(picture: Path) -> None:
    with Image.open(picture) as opened:
        assert opened.width > 1_500  # sharp where a point is two pixels

    assert picture.stat().st_size <= 150_000
    assert f"docs/pictures/{picture.name}" in (ROOT / "README.md").read_text("utf-8")
