"""config.toml -> frozen Config. Knows how to say what is wrong in it, and on which line."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gotwatch.config.settings import Config, Watch
from gotwatch.errors import ConfigError

VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\})|%\w+%")
Location = tuple[str | int, ...]


def load(path: Path) -> Config:
    """The config at *path*, its paths absolute. Raises ConfigError for all that can be known from the file alone."""
    text = _read(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(
            f"{path}: {exc}", hint="Text needs quotes, lists need brackets: see the example config."
        ) from exc
    try:
        config = Config.model_validate(table)
    except ValidationError as exc:
        raise _explained(exc, path, text) from exc
    config = _with_real_paths(config, path, text)
    _check_folders(config, path, text)
    return config


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as exc:
        raise ConfigError(f"There is no config file at {path}.", hint="Write one with: gotwatch init") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc


def _explained(error: ValidationError, path: Path, text: str) -> ConfigError:
    problems = [_problem(entry, path, text) for entry in error.errors(include_url=False)]
    return ConfigError(
        "\n".join(message for message, _ in problems), hint=next((hint for _, hint in problems if hint), "")
    )


def _problem(entry: Any, path: Path, text: str) -> tuple[str, str]:
    location: Location = entry["loc"]
    where = f"{path}, line {_line(text, location)}"
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    if location == ("watch",):
        return f"{where}: watched folders are written as [[watch]], with two brackets.", ""
    match entry["type"]:
        case "extra_forbidden":
            return f"{where}: unknown setting {key!r}.", _nearest(key, location)
        case "missing":
            return f"{where}: {_section_name(location)} needs {key!r}.", ""
        case "value_error":
            return f"{where}: {key} = {entry['input']!r}: {entry['ctx']['error']}.", ""
        case _:
            reason = entry["msg"][:1].lower() + entry["msg"][1:]
            return f"{where}: {key} = {entry['input']!r}: {reason}.", ""


def _section_name(location: Location) -> str:
    return "[[watch]]" if location[0] == "watch" else f"[{location[0]}]"


def _nearest(key: str, location: Location) -> str:
    fields = list(_model_at(location[:-1]).model_fields)
    if close := difflib.get_close_matches(key, fields, n=1):
        return f"Did you mean {close[0]!r}?"
    return f"Known here: {', '.join(fields)}."


def _model_at(location: Location) -> type[BaseModel]:
    if not location:
        return Config
    if location[0] == "watch":
        return Watch
    return type(getattr(Config(), str(location[0])))


def _line(text: str, location: Location) -> int:
    """The line, from 1, of the setting at *location*; its section's, or 1, where it has none."""
    header, best = _header(location), 1
    wanted = [part for part in location if isinstance(part, str)][-1:]
    for number, section, key in _lines(text):
        if section == header and best == 1:
            best = number
        if wanted and key == wanted[0] and section == (header if len(location) > 1 else ()):
            return number
        if section == () and len(location) > 1 and key in (str(location[0]), ".".join(map(str, location))):
            best = number
    return best


def _header(location: Location) -> Location:
    return location[:2] if location[0] == "watch" else location[:1]


def _lines(text: str) -> Iterator[tuple[int, Location, str]]:
    """(line number, section, key) of each line; sections as ("engine",) or ("watch", 0)."""
    section: Location = ()
    watches = 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("[[watch]]"):
            section, watches = ("watch", watches), watches + 1
        elif match := re.match(r"\[\s*([\w.-]+)\s*\]", stripped):
            section = (match[1],)
        key = re.match(r'"?([\w.-]+)"?\s*=', stripped)
        yield number, section, key[1] if key else ""


def _with_real_paths(config: Config, path: Path, text: str) -> Config:
    watches = []
    for index, watch in enumerate(config.watch):
        output = _real(watch.output, path, _line(text, ("watch", index, "output")))
        archive = watch.archive and _real(watch.archive, path, _line(text, ("watch", index, "archive")))
        folder = _real(watch.folder, path, _line(text, ("watch", index, "folder")))
        changes = {"folder": folder, "output": output, "archive": archive or output / "originals"}
        watches.append(watch.model_copy(update=changes))
    engine = config.engine
    if engine.checkpoint.startswith(("~", ".", "/", "$", "%", "\\")):
        real = _real(Path(engine.checkpoint), path, _line(text, ("engine", "checkpoint")))
        engine = engine.model_copy(update={"checkpoint": str(real)})
    return config.model_copy(update={"watch": tuple(watches), "engine": engine})


def _real(value: Path, config_path: Path, line: int) -> Path:
    """*value* with ~ and variables filled in, absolute; a relative one starts at the config file's folder."""
    filled = os.path.expandvars(str(value))
    if missing := VARIABLE.search(filled):
        raise ConfigError(
            f"{config_path}, line {line}: the environment variable {missing[0]} is not set.",
            hint="Write the path out: a program started at login has few variables.",
        )
    return Path(os.path.normpath(config_path.parent / Path(filled).expanduser()))


def _check_folders(config: Config, path: Path, text: str) -> None:
    for index, watch in enumerate(config.watch):
        _check_twins(config.watch[:index], watch, f"{path}, line {_line(text, ('watch', index, 'folder'))}")
        where = f"{path}, line {_line(text, ('watch', index, 'output'))}"
        _check_loop(config.watch, watch.output, "output", where)
        if watch.archive and watch.archive != watch.output / "originals":
            _check_loop(config.watch, watch.archive, "archive", where)


def _check_twins(earlier: Sequence[Watch], watch: Watch, where: str) -> None:
    for other in earlier:
        if _same(other.folder, watch.folder):
            raise ConfigError(f"{where}: {watch.folder} is watched twice.", hint="Keep one [[watch]] for each folder.")


def _check_loop(watches: Sequence[Watch], target: Path, setting: str, where: str) -> None:
    for watch in watches:
        if _inside(target, watch.folder):
            raise ConfigError(
                f"{where}: the {setting} folder {target} lies inside the watched folder {watch.folder}.",
                hint="Results would be found as new files. Choose a folder outside of all watched ones.",
            )


def _inside(inner: Path, outer: Path) -> bool:
    """Whether *inner* is *outer* or below it, also through links, mounts and other spellings of a name."""
    resolved = inner.resolve()
    return any(_same(candidate, outer) for candidate in (inner, *inner.parents, resolved, *resolved.parents))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there: their names must do
        return os.path.normcase(one) == os.path.normcase(other)
