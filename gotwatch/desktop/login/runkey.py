"""The Run key of a Windows user, and the switch that Task Manager and the Settings lay over it."""

import re
import subprocess
from typing import Any

from gotwatch.desktop.login.entry import Seen
from gotwatch.desktop.login.launch import Launch
from gotwatch.errors import UsageError
from gotwatch.words import marked

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
VALUE = "gotwatch"
LONGEST_LINE = 260  # characters; Windows starts no longer one
ON = bytes([2, *[0] * 11])
_PIECE = re.compile(r'\\*"|\\+|[ \t]+|[^\\" \t]+')


class RunKey:
    def __init__(self, winreg: Any) -> None:
        """*winreg*: the module of that name, which only Windows has."""
        self._winreg = winreg

    def look(self) -> Seen | None:
        line = self._read(RUN)
        if not isinstance(line, str):
            return None
        switch = self._read(APPROVED)
        is_off = isinstance(switch, bytes) and switch[:1] != b"" and switch[0] % 2 == 1
        words = split(line)
        launch = Launch(words[0], tuple(words[1:])) if words else None
        return Seen(rf"HKCU\{RUN}", launch, marked("the startup apps of Task Manager or Settings") if is_off else "")

    def check(self, launch: Launch) -> None:
        line = _line(launch)
        if len(line) > LONGEST_LINE:
            raise UsageError(
                f"The command to start at login has {len(line)} characters, and Windows takes {LONGEST_LINE}.",
                hint="Use a shorter --config and --state-dir, or set HF_HOME and the like for your user account.",
            )

    def write(self, launch: Launch) -> None:
        winreg = self._winreg
        for key, kind, value in ((RUN, winreg.REG_SZ, _line(launch)), (APPROVED, winreg.REG_BINARY, ON)):
            with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened:
                winreg.SetValueEx(opened, VALUE, 0, kind, value)

    def remove(self) -> None:
        winreg = self._winreg
        for key in (RUN, APPROVED):
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened:
                    winreg.DeleteValue(opened, VALUE)
            except FileNotFoundError:
                pass  # that key or value was not there

    def _read(self, key: str) -> object:
        winreg = self._winreg
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_READ) as opened:
                value, _ = winreg.QueryValueEx(opened, VALUE)
        except FileNotFoundError:
            return None
        return value


def _line(launch: Launch) -> str:
    whole = launch.without_environment()
    return subprocess.list2cmdline([whole.program, *whole.arguments])


def split(line: str) -> list[str]:
    """The words of a command line as Microsoft's C runtime reads them, the other way round of list2cmdline()."""
    words: list[str] = []
    word: list[str] = []
    in_quotes = was_quoted = False
    for piece in _PIECE.findall(f"{line} "):
        if piece.endswith('"'):
            backslashes = len(piece) - 1
            is_text = backslashes % 2 == 1
            word.append("\\" * (backslashes // 2) + '"' * is_text)
            if not is_text:
                in_quotes, was_quoted = not in_quotes, True
        elif piece.strip(" \t") == "" and not in_quotes:
            if was_quoted or any(word):
                words.append("".join(word))
            word, was_quoted = [], False
        else:
            word.append(piece)
    return words
