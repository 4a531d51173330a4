"""The paddle engine alone: one process, pages decoded before the clock starts. Run by the paddle benchmark."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.paddle import PaddleEngine
from gotwatch.pages.base import PageLimits
from gotwatch.pages.blank import is_blank
from gotwatch.pages.loader import open_pages


def main(folder: Path) -> None:
    """Print how many pages it read and in how many seconds, by as many threads as the engine asks for."""
    pages = list(_inked_pages(folder))
    engine = PaddleEngine(EngineOptions())
    engine.load(lambda _: None)
    began = time.perf_counter()
    with ThreadPoolExecutor(engine.slots) as pool:
        texts = list(pool.map(lambda page: engine.read([page], Prompt(), Event()), pages))
    print(json.dumps({"pages": len(texts), "seconds": time.perf_counter() - began}))


def _inked_pages(folder: Path) -> Iterator[PageImage]:
    """Blank pages are left out, as gotwatch asks no engine about them."""
    for path in sorted(folder.iterdir()):
        opened = open_pages(path, PageLimits())
        pages = [opened.render(number) for number in range(1, len(opened) + 1)]
        opened.close()
        yield from (page for page in pages if not is_blank(page))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
