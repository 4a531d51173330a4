"""Code and catalogues are held together."""

import string
from pathlib import Path

import pytest

from gotwatch import words
from translations import catalogue, extract

SOURCE = '''
from gotwatch.errors import UsageError
from gotwatch.words import marked, say, say_count


def act(path, count):
    """No message."""
    hint = "Look there." if count else f"See: {path.name}"
    raise UsageError(f"{shown(path)} has {count} pages, {path} " + "and more", hint=hint)


@group.command()
def command():
    """Do it.

    And say
    so.
    """
    say("In {place}", place=1)
    say_count("{count} file", "{count} files", 3)
    return marked(f"a {mount.kind} volume"), say(f"{nothing}: {there}")
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "module.py").write_text(SOURCE, "utf-8")
    return folder


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_messages_are_found_where_people_are_told_something(package: Path) -> None:
    assert list(extract.messages(package)) == [
        "{path} has {count} pages, {path2} and more",
        "Look there.",
        "See: {name}",
        "Do it.",
        "And say so.",
        "In {place}",
        "{count} file",
        "{count} files",
        "a {kind} volume",
    ]


@pytest.mark.parametrize("path", catalogue.sources(), ids=lambda path: path.parent.parent.name)
def test_a_translation_has_the_gaps_of_its_message(path: Path) -> None:
    wrong = [
        message.id
        for message in catalogue.read(path)
        if message.id and message.string and gaps(str(message.id)) != gaps(str(message.string))
    ]

    assert wrong == []


@pytest.mark.parametrize("path", catalogue.sources(), ids=lambda path: path.parent.parent.name)
def test_what_is_compiled_is_what_stands_in_the_source(path: Path) -> None:
    """If this fails: make translations."""
    source = {str(message.id): str(message.string) for message in catalogue.read(path) if message.id and message.string}

    assert words.messages(path.with_suffix(".mo").read_bytes()) == source


@pytest.mark.parametrize("path", catalogue.sources(), ids=lambda path: path.parent.parent.name)
def test_every_message_of_the_code_is_translated(path: Path) -> None:
    """If this fails: make translations, which lists what is missing, and write it into the .po file it names."""
    translated = {message.id for message in catalogue.read(path) if message.id and message.string}

    assert [message for message in extract.messages(catalogue.PACKAGE) if message not in translated] == []
