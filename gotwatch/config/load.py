"""config.toml -> frozen Config. Knows how to say what is wrong in it, and on which line."""

import difflib
import json
import os
import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gotwatch.config import nesting
from gotwatch.config.settings import SECTIONS, Config, Engine, Server, Watch
from gotwatch.config.source import Location, Source
from gotwatch.errors import ConfigError, UsageError
from gotwatch.words import marked

VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\})" + (r"|%\w+%" if os.name == "nt" else ""))
LOCAL_CHECKPOINT = ("~", ".", "/", "$", "%", "\\")  # how a path begins, and a name on the hub does not
TOML_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
SHOWN_LENGTH = 60
# pydantic's words for these are a programmer's.
REASONS = {
    "tuple_type": marked("must be a list, in [ ]"),
    "path_type": marked("must be text, in quotes"),
    "string_type": marked("must be text, in quotes"),
    "bool_type": marked("must be true or false"),
    "int_type": marked("must be a whole number"),
}


def load(path: Path) -> Config:
    """The config at *path*, its paths absolute. Raises ConfigError for all that can be known from the file alone."""
    return of_text(path, _read(path))


def of_text(path: Path, text: str) -> Config:
    """What load() would give if *text* stood at *path*."""
    source = Source(_absolute(path), text)
    config = _with_real_paths(_validated(_parsed(source), source), source)
    for index, watch in enumerate(config.watch):
        _check_prompt(watch, index, source)
        _check_folder(config.watch[:index], watch, source.where(("watch", index, "folder")))
        for setting, target in _written_folders(watch).items():
            _check_loop(config.watch, target, setting, source.where(("watch", index, setting)))
    return config


def missing_folder(path: Path, config: Config, watch: Watch) -> ConfigError:
    """For those who know that *watch*'s folder was never there: a folder that is only away is no mistake."""
    where = Source(_absolute(path), _read(path)).where(("watch", config.watch.index(watch), "folder"))
    return ConfigError(
        f"{where}: the watched folder {watch.folder} does not exist.", hint="Create it, or correct the config."
    )


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps ".."


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # some editors put a mark before the text
    except FileNotFoundError as exc:
        raise ConfigError(f"There is no config file at {path}.", hint="Write one with: gotwatch init") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is not UTF-8 text.", hint="Save it as UTF-8.") from exc
    except OSError as exc:
        raise ConfigError(
            f"{path} cannot be read: {exc.strerror}.", hint="Check the file and its permissions."
        ) from exc


def _parsed(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except RecursionError as exc:
        raise ConfigError(f"{source.path}: its lists are nested too deeply.", hint="Look for stray [.") from exc
    except ValueError as exc:  # TOMLDecodeError is one; a number of 5,000 digits is another
        raise _not_toml(exc, source) from exc


def _not_toml(error: ValueError, source: Source) -> ConfigError:
    position = TOML_POSITION.search(str(error))
    where, line = str(source.path), ""
    if position and position[1]:
        where, line = f"{source.path}, line {position[1]}", source.line(int(position[1]))
    hint = "Text needs quotes, lists need brackets. An example is printed by: gotwatch init --print"
    if "\\" in line:
        hint = "Put a path with backslashes in single quotes: 'C:\\Scans'"
    return ConfigError(f"{where}: {TOML_POSITION.sub('', str(error))}.", hint=hint)


def _validated(table: dict[str, Any], source: Source) -> Config:
    try:
        return Config.model_validate(table)
    except ValidationError as exc:
        problems = (f"{source.where(entry['loc'])}: {_problem(entry)}" for entry in exc.errors(include_url=False))
        raise ConfigError(
            "\n".join(problems), hint="All settings with their meanings are printed by: gotwatch init --print"
        ) from exc


def _problem(entry: Mapping[str, Any]) -> str:
    location: Location = entry["loc"]
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    match entry["type"]:
        case "extra_forbidden":
            return marked(f"unknown setting {key!r}.") + f" {_nearest(key, location)}"
        case "missing":
            return marked(f"{_header(location)} needs {key!r}.")
        case _ if location[0] == key and (key == "watch" or key in SECTIONS):
            return marked(
                f"{key!r} is a section; it is written as {_header(location)}, with its settings on the lines below."
            )
        case "value_error":
            reason = str(entry["ctx"]["error"])
        case kind:
            reason = REASONS.get(kind) or entry["msg"].replace("Input should", "must", 1)
    return f"{key} = {_shown(entry['input'])}: {reason}."


def _header(location: Location) -> str:
    return "[[watch]]" if location[0] == "watch" else f"[{location[0]}]"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{...}"
    return textwrap.shorten(json.dumps(value, ensure_ascii=False, default=str), SHOWN_LENGTH, placeholder=" ...")


def _nearest(key: str, location: Location) -> str:
    here = [*SECTIONS] if len(location) == 1 else [*SECTIONS[str(location[0])].model_fields]
    for name, section in SECTIONS.items():
        if key in section.model_fields:
            return marked(f"It belongs under {_header((name,))}.")
    if close := difflib.get_close_matches(key.lower(), here, n=1, cutoff=0.5):
        return marked(f"Did you mean {close[0]!r}?")
    return marked(f"Known here: {', '.join(here)}.")


def _with_real_paths(config: Config, source: Source) -> Config:
    watches = tuple(_with_real_folders(watch, index, source) for index, watch in enumerate(config.watch))
    engine = config.engine
    if engine.checkpoint.startswith(LOCAL_CHECKPOINT):
        real = _real(Path(engine.checkpoint), ("engine", "checkpoint"), source)
        engine = engine.model_copy(update={"checkpoint": str(real)})
    engine = engine.model_copy(update=_real_files(engine, ("engine", "token_file"), source=source))
    server = config.server.model_copy(
        update=_real_files(config.server, ("server", "token_file"), ("server", "results"), source=source)
    )
    return config.model_copy(update={"watch": watches, "engine": engine, "server": server})


def _real_files(section: Engine | Server, *settings: tuple[str, str], source: Source) -> dict[str, str]:
    """The absolute paths of those that are set."""
    written = {setting: getattr(section, setting[1]) for setting in settings}
    return {setting[1]: str(_real(Path(path), setting, source)) for setting, path in written.items() if path}


def _with_real_folders(watch: Watch, index: int, source: Source) -> Watch:
    output = _real(watch.output, ("watch", index, "output"), source)
    archive = watch.archive and _real(watch.archive, ("watch", index, "archive"), source)
    folder = _real(watch.folder, ("watch", index, "folder"), source)
    return watch.model_copy(update={"folder": folder, "output": output, "archive": archive or output / "originals"})


def _real(value: Path, location: Location, source: Source) -> Path:
    """*value* with ~ and variables filled in, absolute; a relative one starts at the config file's folder."""
    filled = os.path.expandvars(str(value))
    if missing := VARIABLE.search(filled):
        raise ConfigError(
            f"{source.where(location)}: the environment variable {missing[0]} is not set.",
            hint="Write the path out: a program started at login has few variables.",
        )
    try:
        return Path(os.path.normpath(source.path.parent / Path(filled).expanduser()))
    except RuntimeError as exc:
        raise ConfigError(
            f"{source.where(location)}: there is no home folder for {value.parts[0]}.", hint="Write the path out."
        ) from exc


def _check_prompt(watch: Watch, index: int, source: Source) -> None:
    try:
        watch.prompt  # noqa: B018 - it is made to see whether it can be
    except UsageError as error:
        asked = {"multi_page": watch.multi_page, "crop": watch.crop, "color": watch.color, "box": watch.box}
        key, value = next((key, value) for key, value in asked.items() if value)
        where = source.where(("watch", index, key))
        reason = error.message[0].lower() + error.message[1:]
        raise ConfigError(f"{where}: {key} = {_shown(value)}: {reason}.", hint=error.hint) from error


def _check_folder(earlier: Sequence[Watch], watch: Watch, where: str) -> None:
    for other in earlier:
        if nesting.same(other.folder, watch.folder):
            raise ConfigError(f"{where}: {watch.folder} is watched twice.", hint="Keep one [[watch]] for each folder.")
        for inner, outer in ((watch.folder, other.folder), (other.folder, watch.folder)):
            if nesting.inside(inner, outer) and not inner.is_relative_to(outer):
                raise ConfigError(
                    f"{where}: {inner} is in truth a folder inside {outer}, which is watched too.",
                    hint="Write both in the same way, without links, or leave one of them out.",
                )


def _written_folders(watch: Watch) -> dict[str, Path]:
    """The folders that gotwatch fills, by their settings' names."""
    written = {"output": watch.output}
    if watch.archive and watch.archive != watch.output / "originals":
        written["archive"] = watch.archive
    return written


def _check_loop(watches: Sequence[Watch], target: Path, setting: str, where: str) -> None:
    for watch in watches:
        if nesting.inside(target, watch.folder):
            raise ConfigError(
                f"{where}: the {setting} folder {target} lies inside the watched folder {watch.folder}.",
                hint="Results would be found as new files. Choose a folder outside of all watched ones.",
            )
