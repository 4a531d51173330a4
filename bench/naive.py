"""What a few lines of Python would do instead: open, ask the engine, write. Run by the pipeline benchmark."""

import os
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from PIL import Image

from bench.instant import InstantEngine
from gotwatch.documents import Document, Form, PageImage, PageText, Prompt, Reading, SourceFile, Stamp
from gotwatch.engine.base import EngineOptions
from gotwatch.render import forms
from gotwatch.render.workbench import Workbench


def main(folder: Path, output: Path, write: Callable[[Path, bytes], None]) -> None:
    """One file after the other, in one process, with no queue; a crash leaves whatever it leaves."""
    engine = InstantEngine(EngineOptions())
    output.mkdir(parents=True)
    with closing(Workbench()) as workbench:
        for path in sorted(folder.iterdir()):
            with Image.open(path) as opened:
                image = opened.convert("RGB")
            text = engine.read([PageImage(1, image.width, image.height, image.tobytes())], Prompt(), Event())
            document = _document(path, text)
            for form in (Form.TXT, Form.HTML):
                write(output / f"{path.name}.{form}", forms.render(document, form, bench=workbench))


def write_synced(path: Path, content: bytes) -> None:
    """On the disk when it returns, as gotwatch's results are."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_only(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _document(path: Path, text: PageText) -> Document:
    return Document(
        source=SourceFile(path, str(path.parent), Stamp(0, 0), ""),
        relative=Path(path.name),
        pages=(text,),
        reading=Reading("instant", "", Prompt()),
        read_at=datetime.now(UTC),
        copied_from=None,
        warnings=(),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), write_synced if "--fsync" in sys.argv else write_only)
