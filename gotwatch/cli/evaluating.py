"""evaluate and compare, as they are typed. What they do stands in contest.py, which needs an extra."""

from pathlib import Path
from typing import Any

import click

from gotwatch.cli import targets
from gotwatch.cli.context import Context, with_context
from gotwatch.cli.wishes import with_asked, with_engine
from gotwatch.config.settings import Asked
from gotwatch.documents import shown
from gotwatch.errors import ExitCode, SourceGone, UsageError
from gotwatch.evaluation import installed

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--engines", metavar="NAME,...", help="got, got-hf, paddle or module:Class; without it, the config's.")
@with_asked
@with_engine("checkpoint", "device", "precision")
@click.option("--annotations", type=_FILE, help="Fox's or OmniDocBench's file; FOLDER holds its pictures.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N files.")
@click.option("--json", "json_file", type=_FILE, help="Write all figures and texts into this file, for programs.")
@click.option("--html", "html_file", type=_FILE, help="Write a page with pictures, texts and their differences.")
@with_context
def evaluate(
    context: Context,
    folder: Path,
    engines: str | None,
    asked: Asked,
    engine: dict[str, Any],
    annotations: Path | None,
    limit: int | None,
    json_file: Path | None,
    html_file: Path | None,
) -> int:
    """Measure how well engines read pages whose text is known.

    Beside each picture or PDF in FOLDER stands its text: NAME.gt.txt, or NAME.gt.mmd for text with markup. A form
    feed ends a page. Exit code 3 if an engine gave no answer for some page.
    """
    installed.check()
    from gotwatch.cli import contest  # noqa: PLC0415 - needs the extra

    _check_writable(json_file, html_file)
    truths = contest.truths(folder, annotations, limit)
    courses = contest.run(context, contest.chosen(context, engines, engine, asked), truths, asked)
    for line in contest.board(courses):
        click.echo(line)
    if json_file:
        contest.write_record(json_file, folder, courses, asked)
        click.echo(shown(json_file))
    if html_file:
        contest.write_report(context, html_file, folder, courses, asked)
        click.echo(shown(html_file))
    return ExitCode.INPUT if any(course.summary.failed for course in courses) else ExitCode.OK


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--engines", default="got,paddle", show_default=True, metavar="NAME,NAME", help="Which two.")
@with_asked
@with_engine("checkpoint", "device", "precision")
@click.option("--html", "html_file", type=_FILE, help="Write this file, over what is there.")
@with_context
def compare(
    context: Context, file: Path, engines: str, asked: Asked, engine: dict[str, Any], html_file: Path | None
) -> None:
    """Show side by side what two engines read in a file.

    NAME.png becomes NAME.png.compare.html, beside it.
    """
    installed.check()
    from gotwatch.cli import contest  # noqa: PLC0415 - needs the extra

    if not file.exists():
        raise SourceGone(f"There is no file {shown(file)}")
    target = html_file or targets.free(file.with_name(f"{file.name}.compare.html"), option="--html")
    _check_writable(target)
    chosen = contest.chosen(context, engines, engine, asked)
    if len(chosen) != 2:
        raise UsageError("Two different engines can be compared", hint="Write such as --engines got,paddle")
    for line in contest.compare(context, file, target, chosen, asked):
        click.echo(line)
    click.echo(shown(target))


def _check_writable(*targets: Path | None) -> None:
    """Known before the engines have worked for hours."""
    for target in targets:
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"There is no folder {shown(target.parent)}", hint="Make it first.")


COMMANDS = (evaluate, compare)
