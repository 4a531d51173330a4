"""What people read, in their language."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gotwatch import words


@pytest.fixture(autouse=True)
def speaking_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(words.VARIABLE, words.CHINESE)


def spoken_with(**variables: str) -> str:
    """The language of a program that is started with these variables alone."""
    script = "from gotwatch import words; print(words.language())"
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.run(
        [sys.executable, "-c", script], env=kept | variables, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_SG.UTF-8"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "GOTWATCH_LANGUAGE": "en"}, "en"),
        ({"LANG": "en_GB.UTF-8", "GOTWATCH_LANGUAGE": "zh_CN"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "GOTWATCH_LANGUAGE": "auto"}, "zh_CN"),
    ],
)
def test_the_language_is_the_systems_unless_one_is_asked_for(variables: dict[str, str], expected: str) -> None:
    assert spoken_with(**variables) == expected


def test_a_message_is_said_with_its_gaps_filled() -> None:
    assert words.say("{name} needs a password", name="a.pdf") == "a.pdf 需要密码"


def test_what_the_catalogue_lacks_stays_english() -> None:
    assert words.say("nobody has written {this} yet", this="it") == "nobody has written it yet"
    assert words.retell("nobody has written this yet") == "nobody has written this yet"


def test_in_english_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(words.VARIABLE, words.ENGLISH)

    assert words.say("{name} needs a password", name="a.pdf") == "a.pdf needs a password"
    assert words.retell("It is being read.") == "It is being read."


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        pytest.param("It is being read.", "正在识别。", id="whole"),
        pytest.param("a b.pdf needs a password", "a b.pdf 需要密码", id="with a gap"),
        pytest.param("a.pdf has 2,001 pages; the limit is 2000", "a.pdf 有 2,001 页，上限为 2000 页", id="with three"),
        pytest.param(
            "It is ignored: it is a symbolic link; links are not followed.",
            "已忽略：它是符号链接，不会跟随链接。",
            id="a message in a message",
        ),
        pytest.param(
            "a.pdf needs a password. Save a copy without a password, and drop that one.",
            "a.pdf 需要密码。请另存一份不带密码的副本，再放入文件夹。",
            id="message and hint as running text",
        ),
        pytest.param("gotwatch is not running", "gotwatch 没有运行", id="without its full stop"),
        pytest.param("a.pdf needs a password. OSError 5", "a.pdf 需要密码。OSError 5", id="beside what nobody wrote"),
    ],
)
def test_finished_text_is_told_again(english: str, chinese: str) -> None:
    assert words.retell(english) == chinese


def test_a_name_that_reads_like_a_message_is_told_as_it_is() -> None:
    """Its gap is looked into, but a file's name is no message."""
    assert words.retell("It is ignored.pdf needs a password") == "It is ignored.pdf 需要密码"


def test_hostile_text_is_told_again_in_no_time() -> None:
    text = "has has pages; the limit is " * 200 + "x" * 5000

    assert words.retell(text).endswith("x" * 5000)


def test_children_speak_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANG", raising=False)
    words.speak(words.CHINESE)

    child = subprocess.run(
        [sys.executable, "-c", "from gotwatch import words; print(words.language())"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )

    assert child.stdout.strip() == words.CHINESE
