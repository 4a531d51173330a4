"""The press as the program has it: how soon the first page is there, and what memory it takes. Prints JSON."""

import json
from contextlib import closing

import psutil

from bench import markup_pages, processor
from gotwatch.documents import Form
from gotwatch.render.press.process import Press

STARTS = 7
PAGES = 500
FORK = "--multiprocessing-fork"  # in the command line of a process that this one has started for its work


def main() -> None:
    typical = markup_pages.samples()[markup_pages.TYPICAL]
    _first_page_seconds(typical)  # Python writes its bytecode
    starts = {"plain": "Dear Sir,\nplease find enclosed", "typical": typical}
    figures = {name: [_first_page_seconds(text) for _ in range(STARTS)] for name, text in starts.items()}
    print(json.dumps({**figures, **_memory()}))


def _first_page_seconds(markup: str) -> tuple[float, float]:
    """By the clock, and of the processor's time."""
    document = markup_pages.document(markup)
    watch = processor.start()
    with closing(Press()) as press:
        press.render(document, Form.HTML)
        return watch.taken()


def _memory() -> dict[str, int]:
    """Peaks of the resident sets, looked at after each page."""
    peaks = {"press_bytes": 0, "studio_bytes": 0}
    with closing(Press()) as press:
        for page in markup_pages.full(PAGES, 1_500):
            press.render(markup_pages.document(page), Form.HTML)
            for process in _working():
                is_press = process.ppid() == psutil.Process().pid
                name = "press_bytes" if is_press else "studio_bytes"
                peaks[name] = max(peaks[name], process.memory_info().rss)
    return peaks


def _working() -> list[psutil.Process]:
    return [process for process in psutil.Process().children(recursive=True) if FORK in process.cmdline()]
