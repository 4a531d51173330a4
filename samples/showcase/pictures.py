"""Draws the README's pictures of results: what the model wrote, and beside it the page that it becomes.

Run it from the repository's root: python samples/showcase/pictures.py
It needs Chromium, and all that draws: pip install '.[geometry,music]'. The letters are of whatever fonts are there.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from PIL import Image, ImageChops

from gotwatch.documents import Document, Finish, Mode, PageText, Prompt, Reading, SourceFile, Stamp
from gotwatch.render import html
from gotwatch.render.workbench import Workbench

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "docs" / "pictures"
WIDTH, HEIGHT = 980, 1600  # of the window; what is empty below is cut off
SCALE = 1.7
COLORS = 255
MOST_BYTES = 150_000
MARGIN = 28


@dataclass(frozen=True, slots=True)
class Shown:
    source: str
    columns: str  # how wide source and result are
    folds: int = 1  # columns of a source of many short lines
    is_dark: bool = False


SHOWN = {
    "exam": Shown("exam.mmd", "4fr 6fr"),
    "paper": Shown("paper.mmd", "4fr 6fr"),
    "paper-dark": Shown("paper.mmd", "4fr 6fr", is_dark=True),
    "score": Shown("score.krn", "35fr 65fr", folds=2),
    "figure": Shown("figure.tex", "5fr 5fr"),
    "molecule": Shown("molecule.mmd", "4fr 6fr"),
    "chart": Shown("chart.mmd", "3fr 7fr"),
}
STYLE = """
body { display: grid; grid-template-columns: %(columns)s; gap: 28px; max-width: none; padding: %(margin)dpx; }
header, aside, nav, section > h2, .drawing > details, .chart > details, [download] { display: none; }
main, .written { min-width: 0; }
section { padding: 30px 36px; content-visibility: visible; }
.drawing > .scroll { margin-bottom: 0; }
.written { margin: 0; padding: 12px 0 0; border: 0; background: none; font-size: 12px; line-height: 1.55; }
.written { tab-size: 11; columns: %(folds)d; }
.text > :is(figure, div):only-child { margin: 0; }
"""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    bench = Workbench()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, shown in SHOWN.items():
                draw(shown, bench, PICTURES / f"{name}.png", Path(folder))
    finally:
        bench.close()


def draw(shown: Shown, bench: Workbench, target: Path, folder: Path) -> None:
    source = (HERE / shown.source).read_text("utf-8")
    page, taken = folder / "page.html", folder / "taken.png"
    page.write_text(beside(source, html.render(document(shown.source, source), bench), shown), "utf-8")
    photograph(page, taken, is_dark=shown.is_dark)
    with Image.open(taken) as picture:
        few_colors = trimmed(picture.convert("RGB")).quantize(COLORS, dither=Image.Dither.NONE)
    few_colors.save(target, optimize=True)
    size = target.stat().st_size
    assert size <= MOST_BYTES, f"{target.name} has {size:,} bytes"
    print(f"{target.name}: {few_colors.width} x {few_colors.height}, {size:,} bytes")


def document(name: str, markup: str) -> Document:
    page = PageText(number=1, markup=markup, tokens=0, seconds=0.0, confidence=None, finish=Finish.STOP, checkpoint="")
    return Document(
        source=SourceFile(HERE / name, "", Stamp(0, 0), ""),
        relative=Path(name),
        pages=(page,),
        reading=Reading("", "", Prompt(Mode.FORMAT)),
        read_at=datetime.now(UTC),
        copied_from=None,
        warnings=(),
    )


def beside(source: str, page: str, shown: Shown) -> str:
    """*page* with *source* at its left, and without what stands around."""
    style = STYLE % {"columns": shown.columns, "folds": shown.folds, "margin": MARGIN}
    return page.replace("</style>", f"{style}</style>", 1).replace(
        "<main", f'<pre class="written">{escape(source.rstrip())}</pre><main', 1
    )


def photograph(page: Path, target: Path, *, is_dark: bool) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    assert browser is not None, "Chromium is not installed"
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={WIDTH},{HEIGHT}",
        f"--force-device-scale-factor={SCALE}",
        f"--blink-settings=preferredColorScheme={0 if is_dark else 1}",
        f"--screenshot={target}",
    ]
    subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True, timeout=120)


def trimmed(picture: Image.Image) -> Image.Image:
    """Without the empty rows at the end, but for a margin."""
    paper = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    found = ImageChops.difference(picture, paper).getbbox()
    assert found is not None, "nothing is on the picture"
    return picture.crop((0, 0, picture.width, min(found[3] + round(MARGIN * SCALE), picture.height)))


if __name__ == "__main__":
    main()
