"""The example config: every setting with what it means and its default, written from the settings themselves."""

import json
import textwrap
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from gotwatch.config.settings import SECTIONS, Watch, section_fields

INTRODUCTION = """\
# gotwatch's config. Lines that begin with # are the defaults; take the # away to change one.
# Relative paths start at this file's folder; ~ and environment variables are filled in.
# Times are seconds, or text such as "90s", "5m", "1h".
"""
# Defaults that are written otherwise than they are kept, by section and setting.
SHOWN = {
    ("watch", "pages"): '"all"',
    ("watch", "archive"): '"<output>/originals"',
    ("watch", "box"): "[]",
    ("watch", "color"): '""',
    ("engine", "device"): '"auto"',
}


def example(folder: Path, output: Path, settings: Mapping[str, str] = MappingProxyType({})) -> str:
    """The text of a config that watches *folder* and writes into *output*, all but *settings* at its default."""
    values = {name: _toml(value) for name, value in {"folder": str(folder), "output": str(output), **settings}.items()}
    parts = [INTRODUCTION, *(_section(name, section, values) for name, section in SECTIONS.items())]
    return "\n".join(parts)


def _section(title: str, section: type[BaseModel], values: dict[str, str]) -> str:
    intro = f"# {section.__doc__}" + (" Repeat this block for each folder." if section is Watch else "")
    lines = [intro, "[[watch]]" if section is Watch else f"[{title}]"]
    for name, field in section_fields(section).items():
        lines += textwrap.wrap(str(field.description), 100, initial_indent="# ", subsequent_indent="# ")
        if name in values and section is Watch:
            lines.append(f"{name} = {values[name]}")
        else:
            lines.append(f"#{name} = {SHOWN.get((title, name)) or _toml(field.default)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Enum():
            return _toml(value.value)
        case tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case float():
            return f"{value:g}"
        case int():
            return f"{value:_}" if value >= 100_000 else str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML basic string
