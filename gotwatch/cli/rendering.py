"""render: a page of text that was read before, by this program or another. Needs no engine, no queue, no daemon."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from gotwatch.cli import targets
from gotwatch.documents import (
    Document,
    Finish,
    Form,
    Mode,
    PageText,
    Prompt,
    Reading,
    SourceFile,
    Stamp,
    TextStyle,
    absolute,
    shown,
)
from gotwatch.errors import SourceGone, Unreadable, UsageError
from gotwatch.render.press.process import Press
from gotwatch.results import disk
from gotwatch.results.refusals import explained
from gotwatch.words import retell

_PAGE_BREAK = "\f"
_PLAIN_SUFFIXES = frozenset({"", ".txt", ".text"})
_FORMS = tuple(form for form in Form if form is not Form.PDF)  # for which there are no pictures of pages


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write this file, over what is there. Its suffix says what it becomes: "
    + ", ".join(form.value for form in _FORMS)
    + ".",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    help="What the text is. Without it, .txt is plain and all else has markup.",
)
@click.option("--midi", is_flag=True, help="Put each score into .html as a MIDI file too, to be heard.")
def render(file: Path, out: Path | None, mode: str | None, midi: bool) -> None:
    """Make a page of text that was read before.

    NAME.mmd becomes NAME.html, beside it. Pages are parted by form feeds, as gotwatch writes them.
    """
    target = out or targets.free(file.with_suffix(f".{Form.HTML.value}"), option="--out")
    form = _form(target)
    document = _document(file, _mode(file, mode))
    press = Press()
    try:
        rendered = press.render(document, form, text_style=TextStyle.READABLE, midi=midi)
    finally:
        press.close()
    with explained(target.parent):
        disk.write_whole(target, rendered.content)
    _tell(rendered.warnings)
    click.echo(shown(target))


def _form(target: Path) -> Form:
    suffix = target.suffix.removeprefix(".").lower()
    for form in _FORMS:
        if suffix == form.value:
            return form
    known = ", ".join(f".{form.value}" for form in _FORMS)
    raise UsageError(f"{shown(target.name)} ends in none of {known}", hint="The suffix says what it becomes.")


def _mode(file: Path, asked: str | None) -> Mode:
    if asked is not None:
        return Mode(asked)
    return Mode.PLAIN if file.suffix.lower() in _PLAIN_SUFFIXES else Mode.FORMAT


def _document(file: Path, mode: Mode) -> Document:
    content, stamp = _content(file)
    texts = _text(file, content).removesuffix(_PAGE_BREAK).split(_PAGE_BREAK)
    return Document(
        source=SourceFile(absolute(file), "", stamp, hashlib.sha256(content).hexdigest()),
        relative=Path(file.name),
        pages=tuple(_page(number, text) for number, text in enumerate(texts, start=1)),
        reading=Reading("", "", Prompt(mode)),
        read_at=datetime.fromtimestamp(stamp.mtime_ns / 1e9, UTC),
        copied_from=None,
        warnings=(),
    )


def _content(file: Path) -> tuple[bytes, Stamp]:
    try:
        found = file.stat()
        return file.read_bytes(), Stamp(found.st_size, found.st_mtime_ns)
    except FileNotFoundError as exc:
        raise SourceGone(f"There is no file {shown(file)}") from exc
    except OSError as exc:
        raise Unreadable(f"{shown(file)} cannot be read: {exc.strerror}") from exc


def _text(file: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")  # some editors put a mark before the text
    except UnicodeDecodeError as exc:
        raise Unreadable(f"{shown(file.name)} is not UTF-8 text", hint="Save it as UTF-8.") from exc


def _page(number: int, text: str) -> PageText:
    return PageText(
        number=number, markup=text, tokens=0, seconds=0.0, confidence=None, finish=Finish.STOP, checkpoint=""
    )


def _tell(warnings: Iterable[str]) -> None:
    for warning in warnings:
        click.echo(f"gotwatch: {retell(shown(warning))}", err=True)


COMMANDS = (render,)
