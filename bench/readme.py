"""Which parts of bench/README.md are measured and which are written by hand."""

from pathlib import Path

README = Path(__file__).parent / "README.md"


def write(name: str, section: str) -> None:
    """Put what the benchmark *name* measured between its marks."""
    begin, end = f"<!-- measured by `python -m bench {name} --write` -->", f"<!-- end of {name} -->"
    before, _, rest = README.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    README.write_text(f"{before}{begin}\n\n{section}\n\n{end}{after}", "utf-8")
