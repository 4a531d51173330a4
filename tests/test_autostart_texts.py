"""The text of start-up entries: what is written is read back as it was, whatever stands in it."""

import plistlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.desktop.login import quoting, runkey, safe, texts
from gotwatch.desktop.login.launch import Launch, launch_of, words_of
from gotwatch.errors import UsageError

WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
LINE = st.lists(WORD, min_size=1)
PROGRAM = st.from_regex(r"/[\w '&(;~#é.-]{1,30}", fullmatch=True)
NAME = st.from_regex(r"[A-Z_]{1,9}", fullmatch=True)
LAUNCH = st.builds(Launch, PROGRAM, st.lists(WORD).map(tuple), st.lists(st.tuples(NAME, WORD), max_size=3).map(tuple))


@settings(deadline=None)  # the machine may be busy
@given(LINE)
def test_an_exec_line_gives_back_its_words(words: list[str]) -> None:
    assert quoting.desktop_words(quoting.desktop_line(words)) == words


@settings(deadline=None)  # the machine may be busy
@given(LINE)
def test_the_line_of_a_unit_gives_back_its_words(words: list[str]) -> None:
    assert quoting.unit_words(quoting.unit_line(words)) == words


@settings(deadline=None)  # the machine may be busy
@given(LINE)
def test_a_windows_command_line_gives_back_its_words(words: list[str]) -> None:
    assert runkey.split(subprocess.list2cmdline(words)) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (r"C:\a\b.exe run", [r"C:\a\b.exe", "run"]),
        (r'"C:\My Programs\b.exe" run', [r"C:\My Programs\b.exe", "run"]),
        (r'a "" b', ["a", "", "b"]),
        (r'a\\"b c" d', ["a\\b c", "d"]),
        (r"a\"b", ['a"b']),
    ],
)
def test_a_windows_command_line_is_read_as_windows_does(line: str, words: list[str]) -> None:
    assert runkey.split(line) == words


def test_words_that_somebody_wrote_without_quotes_are_read_too() -> None:
    assert quoting.desktop_words(r'gotwatch --config "a b" run') == ["gotwatch", "--config", "a b", "run"]


@settings(deadline=None)  # the machine may be busy
@given(LAUNCH)
def test_a_launch_is_read_back_from_its_words(launch: Launch) -> None:
    assert launch_of(words_of(launch)) == launch


def test_env_stands_before_the_program_also_without_variables() -> None:
    assert words_of(Launch("/a/gotwatch", ("run",))) == ["/usr/bin/env", "/a/gotwatch", "run"]


def test_a_program_that_env_would_take_for_a_variable_gets_its_variables_from_gotwatch() -> None:
    launch = Launch("/a=b/gotwatch", ("run",), (("HF_HOME", "/hf"),))

    assert words_of(launch) == ["/a=b/gotwatch", "--env", "HF_HOME=/hf", "run"]


def test_no_words_start_nothing() -> None:
    assert launch_of([]) is None
    assert launch_of(["/usr/bin/env", "A=b"]) is None


@settings(deadline=None)  # the machine may be busy
@given(LAUNCH)
def test_a_desktop_file_gives_back_what_it_starts(launch: Launch) -> None:
    assert texts.read_desktop_file(texts.desktop_file(launch)) == (launch, "")


@settings(deadline=None)  # the machine may be busy
@given(LAUNCH)
def test_a_unit_gives_back_what_it_starts(launch: Launch) -> None:
    assert texts.read_unit_file(texts.unit_file(launch)) == launch


@settings(deadline=None)  # the machine may be busy
@given(LAUNCH)
def test_a_launch_agent_gives_back_what_it_starts(launch: Launch) -> None:
    in_order = Launch(launch.program, launch.arguments, tuple(sorted(dict(launch.environment).items())))

    assert texts.read_launch_agent(texts.launch_agent(launch, Path("/state/printed.log"))) == (in_order, False)


def test_a_launch_agent_is_started_again_after_a_crash_and_stays_ended_after_quit() -> None:
    agent = plistlib.loads(texts.launch_agent(Launch("/a b/gotwatch", ("run",)), Path("/state/printed.log")))

    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ProgramArguments"] == ["/a b/gotwatch", "run"]
    assert agent["RunAtLoad"] is True
    assert agent["LimitLoadToSessionType"] == "Aqua"
    assert agent["StandardErrorPath"] == "/state/printed.log"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"<plist>", plistlib.dumps([]), plistlib.dumps({"Label": "x"})])
def test_a_damaged_launch_agent_starts_nothing(content: bytes) -> None:
    assert texts.read_launch_agent(content) == (None, False)


@pytest.mark.parametrize("line", ["Hidden=true", "Hidden = True", "X-GNOME-Autostart-enabled=false"])
def test_a_desktop_file_tells_the_line_that_switches_it_off(line: str) -> None:
    text = texts.desktop_file(Launch("/a/gotwatch", ("run",))).replace("X-GNOME-Autostart-enabled=true\n", "") + line

    _, off_by = texts.read_desktop_file(text)

    assert off_by.lower() == line.replace(" ", "").lower()


def test_only_the_entry_itself_is_looked_at_in_a_desktop_file() -> None:
    text = texts.desktop_file(Launch("/a/gotwatch", ())) + "[Desktop Action x]\nHidden=true\nExec=other\n"

    assert texts.read_desktop_file(text) == (Launch("/a/gotwatch", ()), "")


def test_a_unit_with_a_tray_belongs_to_the_graphical_session_and_one_without_to_none() -> None:
    with_tray = texts.unit_file(Launch("/a/gotwatch", ("run",)))
    without = texts.unit_file(Launch("/a/gotwatch", ("run", "--no-tray")))

    assert "PartOf=graphical-session.target" in with_tray
    assert "WantedBy=graphical-session.target" in with_tray
    assert "graphical-session" not in without
    assert "WantedBy=default.target" in without


@pytest.mark.parametrize("character", ["$", "%", "\\", '"', "`", "\n", "\t", "\x1b", "\udcff"])
def test_a_program_with_a_character_that_some_desktop_mangles_is_refused(character: str) -> None:
    with pytest.raises(UsageError, match="cannot be started at login") as caught:
        safe.check(Launch(f"/a{character}b/gotwatch", ("run",)))

    assert "\n" not in caught.value.message
    caught.value.message.encode()


@pytest.mark.parametrize("character", ["$", "\\", "`", "\n"])
def test_a_path_or_value_with_a_character_that_some_desktop_mangles_is_refused(character: str) -> None:
    for launch in (
        Launch("/a", ("--config", f"/a{character}b")),
        Launch("/a", (), (("HF_HOME", f"/a{character}b"),)),
    ):
        with pytest.raises(UsageError) as caught:
            safe.check(launch)
        assert caught.value.hint.startswith("Choose a path")


def test_ordinary_characters_are_not_refused() -> None:
    safe.check(Launch("/home/Ann é 'x' &(;~#)/gotwatch", ("--config", 'a%b"c'), (("HF_ENDPOINT", "https://a/%20"),)))
