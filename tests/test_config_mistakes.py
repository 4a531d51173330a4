"""What is said of each kind of mistake in the config file: the line, the setting, and what would be right."""

import os
from pathlib import Path

import pytest

from gotwatch.config.load import load
from gotwatch.errors import ConfigError, ExitCode
from tests.configs import SHORTEST, new_config_file, problem


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return new_config_file(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "colour = 1\n",
            "config.toml, line 1: unknown setting 'colour'. Known here: watch, engine, pages, limits, server,"
            " schedule, log, notifications, messages.",
        ),
        (
            '[schedule]\nhours = ["9-17"]\n',
            'config.toml, line 2: hours = "9-17": must be text such as "18:00-07:30".',
        ),
        (
            '[schedule]\nhours = ["09:00-9:00"]\n',
            'config.toml, line 2: hours = "09:00-9:00": begins and ends at the same time.',
        ),
        ("[engin]\nname = 'x'\n", "config.toml, line 1: unknown setting 'engin'. Did you mean 'engine'?"),
        ("\n[engine]\nnmae = 'x'\n", "config.toml, line 3: unknown setting 'nmae'. Did you mean 'name'?"),
        ("[engine]\nName = 'x'\n", "config.toml, line 2: unknown setting 'Name'. Did you mean 'name'?"),
        ("engine.nmae = 'x'\n", "config.toml, line 1: unknown setting 'nmae'. Did you mean 'name'?"),
        ("engine = { nmae = 'x' }\n", "config.toml, line 1: unknown setting 'nmae'. Did you mean 'name'?"),
        (SHORTEST + "quiet = 5\n", "config.toml, line 4: unknown setting 'quiet'. Did you mean 'quiet_seconds'?"),
        (SHORTEST + "dpi = 300\n", "config.toml, line 4: unknown setting 'dpi'. It belongs under [pages]."),
        ("[log]\nrecursive = true\n", "config.toml, line 2: unknown setting 'recursive'. It belongs under [[watch]]."),
        (SHORTEST + SHORTEST + 'ouptut = "x"', "config.toml, line 7: unknown setting 'ouptut'. Did you mean 'output'?"),
    ],
)
def test_an_unknown_setting_is_named_with_its_line_and_the_nearest(config_file: Path, text: str, message: str) -> None:
    assert problem(config_file, text).message == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pages]\ndpi = 5\n", "line 2: dpi = 5: must be greater than or equal to 50."),
        ("[pages]\ndpi = 5000\n", "line 2: dpi = 5000: must be less than or equal to 1200."),
        ("[pages]\ndpi = 200.5\n", "line 2: dpi = 200.5: must be a whole number."),
        ("[pages]\ndpi = '200'\n", 'line 2: dpi = "200": must be a whole number.'),
        ("[pages]\ndpi = true\n", "line 2: dpi = true: must be a whole number."),
        ("[log]\nlevel = 'loud'\n", "line 2: level = \"loud\": must be 'debug', 'info', 'warning' or 'error'."),
        ("[engine]\nname = 5\n", "line 2: name = 5: must be text, in quotes."),
        (
            "[engine]\ndevice = 'gpu'\n",
            'line 2: device = "gpu": must be "auto", "cpu", "cuda", "cuda:1" or "mps".',
        ),
        (
            "[engine]\ndevice = ['cpu', 1]\n",
            'line 2: device = 1: must be "auto", "cpu", "cuda", "cuda:1" or "mps".',
        ),
        ("[engine]\ndevice = []\n", "line 2: device = []: must name one device at least."),
        (
            "[engine]\ndevice = ['cuda', 'cuda:0']\n",
            'line 2: device = ["cuda", "cuda:0"]: names a device twice.',
        ),
        ("[engine]\ndevice = ['auto', 'cpu']\n", 'line 2: device = ["auto", "cpu"]: "auto" stands alone.'),
        (
            "[engine]\nprecision = 'fp8'\n",
            "line 2: precision = \"fp8\": must be 'auto', 'fp32', 'bf16', 'fp16' or 'int8'.",
        ),
        ("[engine]\nmemory_share = 1\n", "line 2: memory_share = 1: must be less than or equal to 0.95."),
        ("[engine]\nmemory_share = 0\n", "line 2: memory_share = 0: must be greater than or equal to 0.1."),
        ("[limits]\npage_seconds = 0\n", "line 2: page_seconds = 0: must be greater than 0."),
        ("[limits]\npage_seconds = inf\n", "line 2: page_seconds = Infinity: must be less than or equal to 31622400."),
        ("[limits]\npage_seconds = nan\n", "line 2: page_seconds = NaN: must be greater than 0."),
        ("[engine]\nkeep_alive = -5\n", "line 2: keep_alive = -5: must be greater than or equal to -1."),
        ("[engine]\nkeep_alive = '9999d'\n", 'line 2: keep_alive = "9999d": must be less than or equal to 31622400.'),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_is_right(config_file: Path, text: str, message: str) -> None:
    assert problem(config_file, text).message == f"config.toml, {message}"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('recursive = "yes"', 'recursive = "yes": must be true or false.'),
        ('mode = "fast"', "mode = \"fast\": must be 'plain' or 'format'."),
        ('color = "pink"', "color = \"pink\": must be 'red', 'green' or 'blue'."),
        ('box = "1,2"', 'box = "1,2": must be a list, in [ ].'),
        ("box = [1, -2]", "box = -2: must be greater than or equal to 0."),
        ("box = [1.5, 2]", "box = 1.5: must be a whole number."),
        ("box = [1, 2, 3]", "box = [1, 2, 3]: the box 1,2,3 has 3 values."),
        ("box = [3, 2, 1, 4]", "box = [3, 2, 1, 4]: the box 3,2,1,4 is empty."),
        ('prompt_style = "mine"', "prompt_style = \"mine\": must be 'training', 'hub' or 'hf'."),
        ("max_new_tokens = -1", "max_new_tokens = -1: must be greater than or equal to 0."),
        ("crop = 1", "crop = 1: must be true or false."),
        ('formats = ["doc"]', "formats = \"doc\": must be 'txt', 'html', 'md', 'json', 'docx' or 'pdf'."),
        ('formats = "txt"', 'formats = "txt": must be a list, in [ ].'),
        ("formats = []", "formats = []: must name one form at least."),
        ("pages = 3", 'pages = 3: must be text such as "all" or "1-3, 7, 10-".'),
        ('pages = ""', 'pages = "": \'\' is no page or range; write "all" or "1-3, 7, 10-".'),
        ('pages = "one"', 'pages = "one": \'one\' is no page or range; write "all" or "1-3, 7, 10-".'),
        ('pages = "5-3"', "pages = \"5-3\": '5-3' counts backwards; pages are counted from 1."),
        ('pages = "0"', "pages = \"0\": '0' counts backwards; pages are counted from 1."),
        (
            'quiet_seconds = "soon"',
            'quiet_seconds = "soon": must be seconds, or text such as "90s", "5m" or "1h".',
        ),
        ("quiet_seconds = true", 'quiet_seconds = true: must be seconds, or text such as "90s", "5m" or "1h".'),
        ("quiet_seconds = -1", "quiet_seconds = -1: must be greater than or equal to 0."),
        ('ignore = "*.png"', 'ignore = "*.png": must be a list, in [ ].'),
        ('ignore = ["ok", "!"]', 'ignore = "!": is no pattern of .gitignore\'s syntax.'),
        ('ignore = ["[z-a]"]', 'ignore = "[z-a]": is no pattern of .gitignore\'s syntax.'),
        ('ignore = ["[[:alpha:]]"]', 'ignore = "[[:alpha:]]": is no pattern of .gitignore\'s syntax.'),
        ("priority = 100000", "priority = 100000: must be less than or equal to 1000."),
        ('archive = ""', 'archive = "": must not be empty; "." is the folder of this file.'),
        ('archive = "a\\u0000b"', 'archive = "a\\u0000b": must not hold a zero byte.'),
        ("archive = 5", "archive = 5: must be text, in quotes."),
    ],
)
def test_a_wrong_setting_of_a_watch_is_named(config_file: Path, setting: str, message: str) -> None:
    assert problem(config_file, f"{SHORTEST}{setting}\n").message == f"config.toml, line 4: {message}"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            'color = "red"\nbox = [1, 2, 3, 4]\n',
            'config.toml, line 4: color = "red": a box and a colour cannot be combined.',
        ),
        ("box = [1, 2]\ncrop = true\n", "config.toml, line 5: crop = true: a box and crop cannot be combined."),
        (
            "crop = true\nmulti_page = true\n",
            "config.toml, line 5: multi_page = true: crop and several pages in one go cannot be combined.",
        ),
    ],
)
def test_what_cannot_be_combined_is_named_with_its_line_and_the_reason(
    config_file: Path, settings: str, message: str
) -> None:
    error = problem(config_file, SHORTEST + settings)

    assert error.message == message
    assert error.hint == "The model was never trained on both together: choose one."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[watch]]\nfolder = "in"\n', "line 1: [[watch]] needs 'output'."),
        ('\n# x\n[[ watch ]]\noutput = "x"\n', "line 3: [[watch]] needs 'folder'."),
        (
            '[watch]\nfolder = "in"\n',
            "line 1: 'watch' is a section; it is written as [[watch]], with its settings on the lines below.",
        ),
        (
            'watch = ["in"]\n',
            "line 1: 'watch' is a section; it is written as [[watch]], with its settings on the lines below.",
        ),
        (
            'engine = "paddle"\n',
            "line 1: 'engine' is a section; it is written as [engine], with its settings on the lines below.",
        ),
        (
            "[[log]]\nlevel = 'info'\n",
            "line 1: 'log' is a section; it is written as [log], with its settings on the lines below.",
        ),
    ],
)
def test_sections_that_are_written_wrongly_are_explained(config_file: Path, text: str, message: str) -> None:
    assert problem(config_file, text).message == f"config.toml, {message}"


def test_several_problems_are_all_named(config_file: Path) -> None:
    error = problem(config_file, "[pages]\ndpi = 5\n[log]\nlvel = 'info'\n")

    assert error.message.split("\n") == [
        "config.toml, line 2: dpi = 5: must be greater than or equal to 50.",
        "config.toml, line 4: unknown setting 'lvel'. Did you mean 'level'?",
    ]
    assert error.hint == "All settings with their meanings are printed by: gotwatch init --print"


def test_every_error_of_the_config_ends_with_the_exit_code_of_a_wrong_command(config_file: Path) -> None:
    assert problem(config_file, "x = 1").exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[engine\n", "config.toml, line 1: "),
        ("[log]\nlevel = info\n", "config.toml, line 2: "),
        ("[log]\n\nlevel\n", "config.toml, line 3: "),
        ("[log]\n[log]\n", "config.toml, line 2: "),
        ("level = 'x", "config.toml: "),
        ("x = " + "1" * 5000, "config.toml: "),
        ("x = " + "[" * 5000, "config.toml: its lists are nested too deeply."),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(config_file: Path, text: str, message: str) -> None:
    error = problem(config_file, text)

    assert error.message.startswith(message)
    assert "\n" not in error.message
    assert error.hint


def test_a_windows_path_in_double_quotes_gets_its_own_advice(config_file: Path) -> None:
    error = problem(config_file, '[[watch]]\nfolder = "C:\\Users\\me"\n')

    assert error.message.startswith("config.toml, line 2: ")
    assert error.hint == "Put a path with backslashes in single quotes: 'C:\\Scans'"


def test_a_missing_config_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no config file at") as caught:
        load(tmp_path / "config.toml")

    assert caught.value.hint == "Write one with: gotwatch init"


def test_a_config_that_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_config_in_another_encoding_says_so(config_file: Path) -> None:
    config_file.write_bytes(SHORTEST.encode("utf-16"))

    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load(config_file)


def test_a_variable_that_is_not_set_is_named(config_file: Path) -> None:
    error = problem(config_file, '[[watch]]\nfolder = "in"\noutput = "$NO_SUCH_PLACE/out"\n')

    assert error.message == "config.toml, line 3: the environment variable $NO_SUCH_PLACE is not set."
    assert error.hint == "Write the path out: a program started at login has few variables."


@pytest.mark.skipif(os.name == "nt", reason="the homes of others are guessed there")
def test_a_home_that_is_not_there_is_named(config_file: Path) -> None:
    error = problem(config_file, '[[watch]]\nfolder = "~nobody-of-that-name/in"\noutput = "out"\n')

    assert error.message == "config.toml, line 2: there is no home folder for ~nobody-of-that-name."
