"""The config file: what is right in it, and what is said of what is wrong."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.config.example import example
from gotwatch.config.load import load
from gotwatch.config.settings import SECTIONS, Config, Detection, Duplicates, Order, Originals, Watch, section_fields
from gotwatch.documents import Form, Mode
from gotwatch.errors import ConfigError, ExitCode
from tests.folders import Mounts

SHORTEST = '[[watch]]\nfolder = "in"\noutput = "out"\n'


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    with Mounts() as mounts:
        yield mounts


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "config.toml"


def read(path: Path, text: str) -> Config:
    path.write_text(text, "utf-8")
    return load(path)


def problem(path: Path, text: str) -> ConfigError:
    """What is said of the wrong config *text*, its lines relative to the config's folder."""
    with pytest.raises(ConfigError) as caught:
        read(path, text)
    caught.value.message = caught.value.message.replace(str(path), path.name)
    return caught.value


# What is right


def test_the_shortest_config_is_one_watch(config_file: Path) -> None:
    watch = read(config_file, SHORTEST).watch[0]

    assert watch.folder == config_file.parent / "in"
    assert watch.output == config_file.parent / "out"
    assert watch.archive == config_file.parent / "out" / "originals"


def test_an_empty_config_is_all_defaults(config_file: Path) -> None:
    assert read(config_file, "") == Config()


def test_every_setting_can_be_set(config_file: Path) -> None:
    config = read(
        config_file,
        """
        [[watch]]
        folder = "in"
        output = "out"
        recursive = false
        mode = "format"
        formats = ["md", "json", "md"]
        pages = "2-3"
        quiet_seconds = "1m"
        ignore = ["drafts/", "!x"]
        order = "newest"
        priority = -3
        originals = "archive"
        archive = "old"
        detection = "poll"
        rescan_seconds = 30
        duplicates = "read"
        """,
    )

    assert config.watch[0] == Watch(
        folder=config_file.parent / "in",
        output=config_file.parent / "out",
        recursive=False,
        mode=Mode.FORMAT,
        formats=(Form.MD, Form.JSON),
        pages="2-3",
        quiet_seconds=60.0,
        ignore=("drafts/", "!x"),
        order=Order.NEWEST,
        priority=-3,
        originals=Originals.ARCHIVE,
        archive=config_file.parent / "old",
        detection=Detection.POLL,
        rescan_seconds=30.0,
        duplicates=Duplicates.READ,
    )


def test_a_config_cannot_be_changed_once_loaded(config_file: Path) -> None:
    config = read(config_file, SHORTEST)

    with pytest.raises(ValueError, match="frozen"):
        config.watch[0].priority = 5


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("0", 0), ("2.5", 2.5), ('"90s"', 90), ('"1.5m"', 90), ('"2 h"', 7200), ('"1d"', 86400)],
)
def test_times_are_seconds_or_text(config_file: Path, text: str, seconds: float) -> None:
    assert read(config_file, f"{SHORTEST}quiet_seconds = {text}").watch[0].quiet_seconds == seconds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("all", {1, 2, 3, 4, 5, 6, 7, 99}),
        (" all ", {1, 2, 3, 4, 5, 6, 7, 99}),
        ("1", {1}),
        ("1-3, 7", {1, 2, 3, 7}),
        ("5-", {5, 6, 7, 99}),
        ("-2,99", {1, 2, 99}),
        ("2-4,3-5", {2, 3, 4, 5}),
    ],
)
def test_pages_are_numbers_and_ranges(config_file: Path, text: str, wanted: set[int]) -> None:
    watch = read(config_file, f'{SHORTEST}pages = "{text}"').watch[0]

    assert {page for page in (1, 2, 3, 4, 5, 6, 7, 99) if watch.wants(page)} == wanted


def test_relative_paths_start_at_the_config_file(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_file.parent.joinpath("sub").mkdir()
    config_file.write_text('[[watch]]\nfolder = "./sub/../in"\noutput = "../out"\n')
    monkeypatch.chdir(config_file.parent)

    watch = load(Path("config.toml")).watch[0]

    assert watch.folder == config_file.parent / "in"
    assert watch.output == config_file.parent.parent / "out"


def test_home_and_variables_are_filled_in(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(config_file.parent))
    monkeypatch.setenv("USERPROFILE", str(config_file.parent))
    monkeypatch.setenv("SCANS", "in")

    config = read(
        config_file,
        '[[watch]]\nfolder = "~/$SCANS"\noutput = "${SCANS}-read"\n[engine]\ncheckpoint = "~/models/got"\n',
    )

    assert config.watch[0].folder == config_file.parent / "in"
    assert config.watch[0].output == config_file.parent / "in-read"
    assert config.engine.checkpoint == str(config_file.parent / "models" / "got")


@pytest.mark.parametrize("name", ["org/model", "org/model.with.dots", ""])
def test_a_checkpoint_may_be_a_name_on_the_hub(config_file: Path, name: str) -> None:
    assert read(config_file, f'[engine]\ncheckpoint = "{name}"').engine.checkpoint == name


def test_a_local_checkpoint_starts_at_the_config_file(config_file: Path) -> None:
    config = read(config_file, '[engine]\ncheckpoint = "./models/got"')

    assert config.engine.checkpoint == str(config_file.parent / "models" / "got")


def test_a_mark_before_the_text_does_no_harm(config_file: Path) -> None:
    config_file.write_bytes(b"\xef\xbb\xbf" + SHORTEST.replace("\n", "\r\n").encode())

    assert len(load(config_file).watch) == 1


def test_a_watch_may_lie_in_another_one(config_file: Path) -> None:
    config = read(config_file, f'{SHORTEST}[[watch]]\nfolder = "in/letters"\noutput = "out/letters"\n')

    assert [watch.folder.name for watch in config.watch] == ["in", "letters"]


def test_watches_may_share_an_output(config_file: Path) -> None:
    assert len(read(config_file, f'{SHORTEST}[[watch]]\nfolder = "in2"\noutput = "out"\n').watch) == 2


# What is wrong


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "colour = 1\n",
            "config.toml, line 1: unknown setting 'colour'. Known here: watch, engine, pages, limits, log.",
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
        ('formats = ["pdf"]', "formats = \"pdf\": must be 'txt', 'html', 'md' or 'json'."),
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
    assert problem(config_file, "x = 1").exit_code == ExitCode.USAGE == 2


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


# Folders in each other's way


def test_two_watches_on_one_folder_are_refused(config_file: Path) -> None:
    error = problem(config_file, f"{SHORTEST}[[watch]]\nfolder = '{config_file.parent}/x/../in/'\noutput = 'out2'\n")

    assert error.message == f"config.toml, line 5: {config_file.parent / 'in'} is watched twice."


def test_two_watches_on_one_folder_are_refused_through_a_link(config_file: Path) -> None:
    (config_file.parent / "link").symlink_to("in")

    assert problem(config_file, f"{SHORTEST}[[watch]]\nfolder = 'link'\noutput = 'out2'\n").message.endswith(
        "link is watched twice."
    )


def test_a_watch_inside_another_by_way_of_a_link_is_refused(config_file: Path) -> None:
    (config_file.parent / "in" / "sub").mkdir()
    (config_file.parent / "link").symlink_to("in/sub")

    error = problem(config_file, f"{SHORTEST}[[watch]]\nfolder = 'link'\noutput = 'out2'\n")

    assert error.message == (
        f"config.toml, line 5: {config_file.parent / 'link'} is in truth a folder inside"
        f" {config_file.parent / 'in'}, which is watched too."
    )


@pytest.mark.parametrize("output", ["in", "in/out", "in/deep/er/out", "./in/../in/out", "other/../in"])
def test_an_output_inside_the_watched_folder_is_refused(config_file: Path, output: str) -> None:
    error = problem(config_file, f'[[watch]]\nfolder = "in"\noutput = "{output}"\n')

    assert error.message.startswith("config.toml, line 3: the output folder ")
    assert error.message.endswith(f" lies inside the watched folder {config_file.parent / 'in'}.")
    assert error.hint == "Results would be found as new files. Choose a folder outside of all watched ones."


def test_an_output_beside_the_watched_folder_with_a_longer_name_is_right(config_file: Path) -> None:
    assert read(config_file, '[[watch]]\nfolder = "in"\noutput = "in read"\n').watch


def test_an_output_inside_the_folder_of_another_watch_is_refused(config_file: Path) -> None:
    error = problem(config_file, f'[[watch]]\nfolder = "in2"\noutput = "in/out"\n{SHORTEST}')

    assert error.message.startswith("config.toml, line 3: the output folder")


def test_an_archive_inside_a_watched_folder_is_refused(config_file: Path) -> None:
    error = problem(config_file, f'{SHORTEST}archive = "in/done"\n')

    assert error.message.startswith("config.toml, line 4: the archive folder")


def test_an_output_that_leads_into_the_watched_folder_by_a_link_is_refused(config_file: Path) -> None:
    (config_file.parent / "out").symlink_to("in")

    assert "lies inside the watched folder" in problem(config_file, SHORTEST).message
    assert "lies inside the watched folder" in problem(config_file, SHORTEST.replace('"out"', '"out/deep"')).message


def test_an_output_is_refused_also_where_the_watched_folder_is_named_by_a_link(config_file: Path) -> None:
    (config_file.parent / "link").symlink_to("in")

    error = problem(config_file, '[[watch]]\nfolder = "link"\noutput = "in/out"\n')

    assert "lies inside the watched folder" in error.message


def test_folders_that_are_not_there_yet_are_told_apart_by_their_real_names(config_file: Path) -> None:
    (config_file.parent / "later").symlink_to("in")

    error = problem(config_file, '[[watch]]\nfolder = "later/scans"\noutput = "in/scans/out"\n')

    assert "lies inside the watched folder" in error.message


def test_links_in_a_circle_are_no_obstacle(config_file: Path) -> None:
    (config_file.parent / "circle").symlink_to("circle")

    assert read(config_file, '[[watch]]\nfolder = "in"\noutput = "circle/out"\n').watch


def test_another_case_is_the_same_folder_where_the_system_says_so(config_file: Path) -> None:
    if not (config_file.parent / "IN").exists():
        pytest.skip("this file system tells IN from in")

    assert "lies inside" in problem(config_file, '[[watch]]\nfolder = "in"\noutput = "IN/out"\n').message
    assert "watched twice" in problem(config_file, f'{SHORTEST}[[watch]]\nfolder = "IN"\noutput = "o"\n').message


def test_a_second_mount_of_the_watched_folder_is_seen_through(config_file: Path, mounts: Mounts) -> None:
    (config_file.parent / "mounted").mkdir()
    mounts.again(config_file.parent / "in", config_file.parent / "mounted")

    inside = problem(config_file, '[[watch]]\nfolder = "in"\noutput = "mounted/out"\n')
    twice = problem(config_file, f'{SHORTEST}[[watch]]\nfolder = "mounted"\noutput = "o"\n')

    assert "lies inside the watched folder" in inside.message
    assert "is watched twice" in twice.message


def test_a_mount_of_a_part_of_the_watched_folder_is_seen_through(config_file: Path, mounts: Mounts) -> None:
    """As in a container that has a folder of its host as /in, and a subfolder of that one as /out."""
    (config_file.parent / "in" / "read already").mkdir()
    (config_file.parent / "out").mkdir()
    mounts.again(config_file.parent / "in" / "read already", config_file.parent / "out")

    error = problem(config_file, SHORTEST)

    assert "lies inside the watched folder" in error.message


def test_a_volume_mounted_in_the_watched_folder_is_inside_of_it(config_file: Path, mounts: Mounts) -> None:
    (config_file.parent / "in" / "stick").mkdir()
    mounts.new_volume(config_file.parent / "in" / "stick")

    error = problem(config_file, '[[watch]]\nfolder = "in"\noutput = "in/stick/out"\n')

    assert "lies inside the watched folder" in error.message


def test_two_volumes_are_two_places(config_file: Path, mounts: Mounts) -> None:
    (config_file.parent / "out").mkdir()
    mounts.new_volume(config_file.parent / "in")
    mounts.new_volume(config_file.parent / "out")

    assert read(config_file, SHORTEST).watch


# The example


def uncommented(text: str) -> str:
    """*text* with every default switched on, but for the archive, whose default depends on the output."""
    return re.sub(r"^#(?=\w+ = )(?!archive)", "", text, flags=re.MULTILINE)


def test_the_example_as_it_stands_is_all_defaults(config_file: Path) -> None:
    config = read(config_file, example(config_file.parent / "in", config_file.parent / "out"))

    assert config == read(config_file, SHORTEST)


def test_every_default_in_the_example_is_the_default(config_file: Path) -> None:
    text = uncommented(example(Path("in"), Path("out")))

    assert read(config_file, text) == read(config_file, SHORTEST)
    assert {name: set(section) for name, section in tomllib.loads(text).items() if name != "watch"} == {
        name: set(section_fields(section)) for name, section in SECTIONS.items() if name != "watch"
    }
    assert set(tomllib.loads(text)["watch"][0]) == set(section_fields(Watch)) - {"archive"}


def test_odd_folders_survive_the_way_through_the_example(config_file: Path) -> None:
    odd = config_file.parent / 'so "called"\\文書 # 1'

    assert read(config_file, example(odd, config_file.parent / "out")).watch[0].folder == odd


def test_the_example_at_the_top_level_is_what_init_prints() -> None:
    top_level = Path(__file__).parent.parent / "config.example.toml"

    assert top_level.read_text("utf-8") == example(Path("~/Scans"), Path("~/Scans read"))


# Anything at all

SETTINGS = sorted({name for section in SECTIONS.values() for name in section_fields(section)})
VALUES = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(lambda text: f"'{text}'"),
    st.sampled_from(
        ['"~x/y"', '"$X"', '"\\u0000"', '"."', '""', '"/"', "1979-05-27", "[]", "{}", "[['']]", '"1-3"', '"5m"']
    ),
)
LINES = st.one_of(
    st.sampled_from(["[[watch]]", *(f"[{name}]" for name in SECTIONS), "[", "]", "# x", "[x.y]", '"""']),
    st.builds("{} = {}".format, st.sampled_from([*SETTINGS, *SECTIONS, "x", "engine.name", "a.b.c"]), VALUES),
    st.text(max_size=20),
)


@given(lines=st.lists(LINES, max_size=12), has_watch=st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_the_text_is_it_loads_or_is_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], has_watch: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes("\n".join(([SHORTEST] if has_watch else []) + lines).encode("utf-8", "surrogatepass"))

    loaded = load_or_error(path)

    if isinstance(loaded, ConfigError):
        assert loaded.message.startswith(str(path))
        assert loaded.message.encode("utf-8")
    else:
        assert all(watch.folder.is_absolute() and watch.output.is_absolute() for watch in loaded.watch)


def load_or_error(path: Path) -> Config | ConfigError:
    try:
        return load(path)
    except ConfigError as error:
        return error
