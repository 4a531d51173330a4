"""The text of each system's entry, and what can be read of one that is there. No file is touched here."""

import plistlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from gotwatch.desktop.login import quoting
from gotwatch.desktop.login.launch import Launch, launch_of, words_of

LABEL = "io.gotwatch.daemon"
NO_TRAY = "--no-tray"
_HEADER = re.compile(r"\[(.*)\]\s*")


def desktop_file(launch: Launch) -> str:
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Version=1.0\n"
        "Name=gotwatch\n"
        "Comment=Reads images and PDFs that appear in watched folders\n"
        f"Exec={quoting.desktop_line(words_of(launch))}\n"
        "Terminal=false\n"
        "StartupNotify=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


def read_desktop_file(text: str) -> tuple[Launch | None, str]:
    """What it starts, and the line by which it is switched off, if it is."""
    values = _section(text, "Desktop Entry")
    for line, off in (("Hidden", "true"), ("X-GNOME-Autostart-enabled", "false")):
        if values.get(line, "").lower() == off:
            return launch_of(quoting.desktop_words(values.get("Exec", ""))), f"{line}={off}"
    return launch_of(quoting.desktop_words(values.get("Exec", ""))), ""


def unit_file(launch: Launch) -> str:
    """With a tray it belongs to the graphical session and ends with it. Without one it needs no screen."""
    target = unit_target(launch)
    session = "" if NO_TRAY in launch.arguments else f"PartOf={target}\nAfter={target}\n"
    return (
        "[Unit]\n"
        "Description=gotwatch, reads images and PDFs that appear in watched folders\n"
        f"{session}\n"
        "[Service]\n"
        "Type=exec\n"
        f"ExecStart={quoting.unit_line(words_of(launch))}\n"
        "Restart=on-failure\n"
        "RestartSec=5\n"
        "\n"
        "[Install]\n"
        f"WantedBy={target}\n"
    )


def unit_target(launch: Launch) -> str:
    return "default.target" if NO_TRAY in launch.arguments else "graphical-session.target"


def read_unit_file(text: str) -> Launch | None:
    return launch_of(quoting.unit_words(_section(text, "Service").get("ExecStart", "")))


def launch_agent(launch: Launch, errors: Path) -> bytes:
    """*errors*: a file for what is printed to standard error."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": [launch.program, *launch.arguments],
            "EnvironmentVariables": dict(launch.environment),
            "StandardErrorPath": str(errors),
            "RunAtLoad": True,
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
            "KeepAlive": {"SuccessfulExit": False},  # started again after a crash, but not after Quit
        }
    )


def read_launch_agent(content: bytes) -> tuple[Launch | None, bool]:
    """What it starts, and whether it is marked as disabled."""
    try:
        agent: Any = plistlib.loads(content)
    except (plistlib.InvalidFileException, ExpatError, ValueError):
        agent = None
    if not isinstance(agent, dict):
        return None, False
    words, environment = agent.get("ProgramArguments"), agent.get("EnvironmentVariables", {})
    disabled = agent.get("Disabled") is True
    if not isinstance(words, list) or not words or not isinstance(environment, Mapping):
        return None, disabled
    program, *arguments = map(str, words)
    return Launch(
        program, tuple(arguments), tuple((str(key), str(value)) for key, value in environment.items())
    ), disabled


def _section(text: str, wanted: str) -> dict[str, str]:
    """The settings of one section; of a setting that stands twice, the last."""
    section, values = "", {}
    for line in text.split("\n"):
        if header := _HEADER.fullmatch(line):
            section = header[1]
        elif section == wanted and not line.startswith(("#", ";")):
            name, equals, value = line.partition("=")
            if equals:
                values[name.strip()] = value.strip()
    return values
