"""A person at a terminal, who is asked and answers."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread

import pytest

REPOSITORY = Path(__file__).parents[1]
TALK_SECONDS = 40.0


def talk(arguments: Sequence[str], answers: Mapping[str, str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit code, and all that stood on the terminal. *answers*: part of a question -> what is typed then."""
    if sys.platform == "win32":
        pytest.skip("there are no such terminals on Windows")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "gotwatch", *arguments]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said = bytearray()
    listener = Thread(target=_listen, args=(ours, said, dict(answers)), daemon=True)
    listener.start()
    try:
        code = process.wait(TALK_SECONDS)
    finally:
        process.kill()
        listener.join(TALK_SECONDS)
        os.close(ours)
    return code, said.decode("utf-8").replace("\r\n", "\n")


def _listen(terminal: int, said: bytearray, answers: dict[str, str]) -> None:
    while True:
        try:
            heard = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that the other side closed it
            return
        if not heard:
            return
        said += heard
        line = said.decode("utf-8", "replace").splitlines()[-1]
        if line.endswith(": ") and (question := next((part for part in answers if part in line), None)):
            os.write(terminal, f"{answers.pop(question)}\n".encode())
