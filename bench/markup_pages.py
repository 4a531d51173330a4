"""Pages of markup, made of the blocks of the tests' samples: what gotwatch/render has to do with every day."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.program import ROOT
from gotwatch.documents import Document, Finish, Mode, PageText, Prompt, Reading, SourceFile, Stamp
from gotwatch.render.markup import parse

SAMPLES = ROOT / "tests" / "golden" / "markup"
REPETITION = "16-mal-repetition"  # a page on which the model repeats itself: rare, and measured by itself
TYPICAL = "02-paper-page"
SEED = 1


def samples() -> dict[str, str]:
    """Their markup, by name."""
    paths = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".blocks")
    return {path.stem: path.read_text("utf-8") for path in paths}


def like_samples(count: int) -> Iterator[str]:
    """Each of as many blocks as one of the samples has, drawn from all of them."""
    chance = random.Random(SEED)
    groups = _blocks()
    every = [block for group in groups for block in group]
    for _ in range(count):
        yield "\n\n".join(chance.choices(every, k=len(chance.choice(groups))))


def full(count: int, characters: int) -> Iterator[str]:
    """Each of blocks until it has so many characters."""
    chance = random.Random(SEED)
    every = [block for group in _blocks() for block in group]
    for _ in range(count):
        page = ""
        while len(page) < characters:
            page += f"{chance.choice(every)}\n\n"
        yield page


@cache
def _blocks() -> tuple[tuple[str, ...], ...]:
    """Of each sample, but the endless one."""
    parsed = [parse(text, mode=Mode.FORMAT) for name, text in samples().items() if name != REPETITION]
    return tuple(
        tuple(markup.source[block.span.begin : block.span.end] for block in markup.blocks) for markup in parsed
    )


def document(markup: str) -> Document:
    """Of one page, as an engine hands it on."""
    page = PageText(
        number=1, markup=markup, tokens=500, seconds=2.0, confidence=0.9, finish=Finish.STOP, checkpoint="model@1"
    )
    return Document(
        source=SourceFile(Path("scan.png"), "", Stamp(0, 0), ""),
        relative=Path("scan.png"),
        pages=(page,),
        reading=Reading("got", "model@1", Prompt(Mode.FORMAT)),
        read_at=datetime(2026, 1, 1, tzinfo=UTC),
        copied_from=None,
        warnings=(),
    )
