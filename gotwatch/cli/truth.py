"""truth: pages to measure with, out of PDFs that one has. Needs no engine and no extra."""

from pathlib import Path

import click

from gotwatch.cli import terminal
from gotwatch.cli.context import Context, with_context
from gotwatch.desk import page_limits
from gotwatch.documents import counted, shown
from gotwatch.errors import ExitCode, UsageError
from gotwatch.evaluation import making
from gotwatch.pages.reader import ReaderPool


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new folder.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="No more than N pages.")
@with_context
def truth(context: Context, sources: tuple[Path, ...], out: Path, limit: int | None) -> int:
    """Make pages with known text out of PDFs.

    SOURCES are PDFs that hold their text, or folders with such PDFs. Each page becomes NAME-001.png and
    NAME-001.gt.txt, for gotwatch evaluate. Pages without text are left out, and those whose text another program has
    read off a scan.
    """
    found = making.documents(sources)
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{shown(out)} is not empty", hint="Name a new or an empty folder.")
    made = 0
    readers = ReaderPool(page_limits(context.config_or_defaults()), readers=1)
    readers.start()
    try:
        with terminal.Meter() as meter:
            for page in making.make(
                found, out, readers, limit=limit, on_file=lambda done: meter.files(done, len(found))
            ):
                made += page.picture is not None
                if page.left_out:
                    meter.complain(f"Left out: {page.left_out}")
    finally:
        readers.stop()
    click.echo(f"{counted(made, 'page')} in {shown(out)}")
    return ExitCode.OK if made else ExitCode.INPUT


COMMANDS = (truth,)
