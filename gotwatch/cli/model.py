"""model: the checkpoints of GOT-OCR2.0 on this machine, fetched, checked and listed. Loads none in this process."""

import difflib
import json
import tempfile
from pathlib import Path
from typing import Any

import click
from PIL import Image, ImageDraw, ImageFont

from gotwatch.cli import terminal
from gotwatch.cli.context import Context, with_context
from gotwatch.cli.desks import own_desk
from gotwatch.cli.wishes import with_engine
from gotwatch.documents import Prompt
from gotwatch.engine import choose, hub, weights
from gotwatch.engine.checkpoint import stock
from gotwatch.engine.checkpoint.stock import FileState, Located
from gotwatch.engine.transfer import size_words
from gotwatch.errors import ExitCode, UsageError
from gotwatch.words import marked, retell, say

TEST_LINES = ("The quick brown fox jumps", "over the lazy dog.", "Invoice 1048, 27 March", "Total: 316.50")
TEST_SIZE = (1000, 640)
TEST_LETTER_PIXELS = 60
GOOD_SHARE = 0.9  # of the test page's letters
_SHOWN_TEXT = 120


@click.group()
def model() -> None:
    """Download, check and list the models."""


@model.command()
@click.argument("name", required=False)
@click.option("--mirror", metavar="URL", help="Ask this server in place of the hub.")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Put it into this folder.")
@with_context
def download(context: Context, name: str | None, mirror: str | None, folder: Path | None) -> None:
    """Fetch a model.

    NAME is OWNER/MODEL on the hub; without it, the config's. A download that was broken off goes on where it stopped.
    """
    wanted = name or context.config_or_defaults().engine.checkpoint or weights.DEFAULT_CHECKPOINT
    if weights.local_folder(wanted):
        raise UsageError(f"{wanted} is a folder on this machine", hint="Name a model as OWNER/MODEL.")
    if mirror and not mirror.startswith(("http://", "https://")):
        raise UsageError(f"{mirror!r} is no URL", hint="Write such as https://models.example.org")
    with terminal.Meter() as meter:
        at = hub.fetch(wanted, meter.waiting_for, mirror=mirror.rstrip("/") if mirror else None, into=folder)
    click.echo(say("{model} is in {folder}", model=wanted, folder=at))
    if folder or name:
        named = at.absolute().as_posix() if folder else wanted
        click.echo(say('To use it, write in the config, under [engine]: checkpoint = "{name}"', name=named))


@model.command()
@click.argument("name", required=False)
@with_engine("device", "precision")
@click.option("--no-page", is_flag=True, help="Look at the files only, and read no page.")
@with_context
def check(context: Context, name: str | None, engine: dict[str, Any], no_page: bool) -> int:
    """Look whether a model is whole, and read a page with it.

    NAME is a folder, or OWNER/MODEL on the hub; without it, the config's.
    """
    located = _on_machine(name or context.config_or_defaults().engine.checkpoint)
    click.echo(f"{located.title} ({stock.kind(located.folder)}) in {located.folder}")
    reports = stock.examine(located)
    for report in reports:
        click.echo(
            f"  {retell(_VERDICTS[report.state]):<9}{size_words(report.size_bytes):>8}  {report.digest}  {report.name}"
        )
    click.echo(say("All tensors are there and fit the config."))
    if changed := [report.name for report in reports if report.state is FileState.CHANGED]:
        click.echo(
            say(
                "Not as they were downloaded: {files}. Delete them and download the model again.",
                files=", ".join(changed),
            )
        )
        return ExitCode.FATAL
    if not no_page:
        click.echo(_verdict(_read_test_page(context, located, engine)))
    return ExitCode.OK


_VERDICTS = {
    FileState.SOUND: marked("sound"),
    FileState.CHANGED: marked("CHANGED"),
    FileState.UNKNOWN: marked("no record"),
}


@model.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_context
def show(context: Context, as_json: bool) -> None:
    """List the models on this machine."""
    configured = context.config_or_defaults().engine.checkpoint
    in_use = stock.find(configured)
    found = stock.downloaded()
    if in_use and in_use.folder not in [located.folder for located in found]:
        found.append(in_use)
    records = [_record(located, in_use=located.folder == (in_use and in_use.folder)) for located in found]
    if as_json:
        click.echo(json.dumps(records, indent=2))
        return
    for record in records:
        mark = "*" if record["in_use"] else " "
        click.echo(f"{mark} {record['name']}  {record['layout']}  {size_words(record['bytes'])}  {record['folder']}")
    if in_use is None:
        wanted = configured or weights.DEFAULT_CHECKPOINT
        click.echo(
            say("{model}, which the config asks for, is not here. Fetch it with: gotwatch model download", model=wanted)
        )


def _record(located: Located, *, in_use: bool) -> dict[str, Any]:
    files = [located.folder / name for name in weights.tensor_files(located.folder)]
    return {
        "name": located.title,
        "layout": stock.kind(located.folder),
        "bytes": sum(file.stat().st_size for file in files if file.is_file()),
        "folder": str(located.folder),
        "in_use": in_use,
    }


def _on_machine(name: str) -> Located:
    if located := stock.find(name):
        return located
    wanted = name or weights.DEFAULT_CHECKPOINT
    if weights.is_path(wanted):
        raise UsageError(f"There is no folder {wanted}")
    raise UsageError(f"The model {wanted} is not on this machine", hint="Fetch it with: gotwatch model download")


def _read_test_page(context: Context, located: Located, engine: dict[str, Any]) -> str:
    this = {"name": choose.GOT, "checkpoint": str(located.folder), **engine}
    with tempfile.TemporaryDirectory() as folder, terminal.Meter() as meter:
        path = Path(folder) / "page.png"
        _draw_test_page(path)
        with own_desk(context, this, meter) as desk:
            pages = desk.read_now(path, Prompt(), on_page=lambda _done, _pages: None)
    return "\n".join(page.markup for page in pages)


def _draw_test_page(path: Path) -> None:
    page = Image.new("RGB", TEST_SIZE, "white")
    font = ImageFont.load_default(TEST_LETTER_PIXELS)
    ImageDraw.Draw(page).multiline_text((60, 60), "\n".join(TEST_LINES), "black", font, spacing=40)
    page.save(path)


def _verdict(text: str) -> str:
    expected, read = " ".join(TEST_LINES), " ".join(text.split())
    share = difflib.SequenceMatcher(None, expected, read, autojunk=False).ratio()
    if share >= GOOD_SHARE:
        return say("It read the test page: {percent} of it right.", percent=f"{share:.0%}")
    verdict = say(
        "It ran, but read the test page otherwise: {percent} of it right. A model that knows one font only may.",
        percent=f"{share:.0%}",
    )
    return f"{verdict}\n  {say('printed:')} {expected}\n  {say('read:')} {read[:_SHOWN_TEXT]}"


COMMANDS = (model,)
