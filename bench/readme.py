"""Which part of bench/README.md is measured and which is written by hand."""

from collections.abc import Sequence
from pathlib import Path

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- measured: `python -m bench --write` replaces what follows -->", "<!-- end of what was measured -->"


def write(paragraphs: Sequence[str]) -> None:
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text("\n\n".join([before + BEGIN, *paragraphs, END]) + after, "utf-8")
