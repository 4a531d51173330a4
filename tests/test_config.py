"""What a right config means, and that anything else is a ConfigError."""

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.config.example import example
from gotwatch.config.load import load
from gotwatch.config.settings import (
    SECTIONS,
    Config,
    Detection,
    Duplicates,
    Engine,
    Order,
    Originals,
    Server,
    Watch,
    section_fields,
)
from gotwatch.desk import engine_options
from gotwatch.documents import BoxBy, Color, Form, Mode, Prompt, PromptStyle
from gotwatch.engine.base import Precision
from gotwatch.errors import ConfigError
from tests.configs import SHORTEST, new_config_file, read


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return new_config_file(tmp_path)


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
        mode = "format"
        box = [10, 20, 110, 220]
        box_by = "prompt"
        color = ""
        crop = false
        multi_page = false
        prompt_style = "hub"
        trim = true
        strips = true
        max_new_tokens = 100
        retry = false
        [engine]
        name = "got"
        checkpoint = "org/model"
        device = ["cuda:0", "cuda:1"]
        precision = "fp16"
        memory_share = 0.5
        keep_alive = "1h"
        max_new_tokens = 2000
        servers = ["http://gpu:8765", "https://ocr.example/got"]
        token_file = "word"
        [server]
        enabled = true
        host = "0.0.0.0"
        port = 80
        token_file = "token"
        hosts = ["ocr.example"]
        results = "pages"
        requests = 3
        body_megabytes = 5
        request_seconds = "2m"
        """,
    )

    assert config.watch[0] == Watch(
        folder=config_file.parent / "in",
        output=config_file.parent / "out",
        recursive=False,
        formats=(Form.MD, Form.JSON),
        pages="2-3",  # type: ignore[arg-type]  # parsed as the config is
        quiet_seconds=60.0,
        ignore=("drafts/", "!x"),
        order=Order.NEWEST,
        priority=-3,
        originals=Originals.ARCHIVE,
        archive=config_file.parent / "old",
        detection=Detection.POLL,
        rescan_seconds=30.0,
        duplicates=Duplicates.READ,
        mode=Mode.FORMAT,
        box=(10, 20, 110, 220),
        box_by=BoxBy.PROMPT,
        prompt_style=PromptStyle.HUB,
        trim=True,
        strips=True,
        max_new_tokens=100,
        retry=False,
    )
    assert config.engine == Engine(
        name="got",
        checkpoint="org/model",
        device=("cuda:0", "cuda:1"),
        precision="fp16",
        memory_share=0.5,
        keep_alive=3600.0,
        max_new_tokens=2000,
        servers=("http://gpu:8765", "https://ocr.example/got"),
        token_file=str(config_file.parent / "word"),
    )
    assert config.server == Server(
        enabled=True,
        host="0.0.0.0",
        port=80,
        token_file=str(config_file.parent / "token"),
        hosts=("ocr.example",),
        results=str(config_file.parent / "pages"),
        requests=3,
        body_megabytes=5,
        request_seconds=120.0,
    )


def test_hours_are_times_of_day_from_and_to(config_file: Path) -> None:
    config = read(config_file, '[schedule]\nhours = ["22:00-6:30", " 12:00 - 13:00 "]')

    assert config.schedule.hours == ((time(22), time(6, 30)), (time(12), time(13)))


@pytest.mark.parametrize(
    ("setting", "prompt"),
    [
        ("", Prompt()),
        ("box = []", Prompt()),
        ("box = [1, 2]", Prompt(box=(1, 2))),
        ('box = [1, 2, 3, 4]\nbox_by = "prompt"', Prompt(box=(1, 2, 3, 4), box_by=BoxBy.PROMPT)),
        ('color = "green"\nmode = "format"', Prompt(Mode.FORMAT, color=Color.GREEN)),
        ("crop = true\nretry = false", Prompt(crop=True, retry=False)),
        ("multi_page = true", Prompt(Mode.FORMAT, multi_page=True)),
        ('prompt_style = "hf"\ntrim = true\nstrips = true', Prompt(style=PromptStyle.HF, trim=True, strips=True)),
        ("max_new_tokens = 50", Prompt(max_new_tokens=50)),
    ],
)
def test_a_watch_says_how_its_pages_are_read(config_file: Path, setting: str, prompt: Prompt) -> None:
    assert read(config_file, f"{SHORTEST}{setting}\n").watch[0].prompt == prompt


@pytest.mark.parametrize(
    ("text", "devices"),
    [('"cpu"', ("cpu",)), ('["cuda", "cuda:1"]', ("cuda", "cuda:1")), ('["auto"]', ("auto",)), ('"mps"', ("mps",))],
)
def test_a_device_may_be_one_or_a_list(config_file: Path, text: str, devices: tuple[str, ...]) -> None:
    assert read(config_file, f"[engine]\ndevice = {text}\n").engine.device == devices


def test_the_engine_s_options_are_those_of_the_config(config_file: Path) -> None:
    config = read(config_file, '[engine]\ndevice = ["cpu"]\nprecision = "int8"\nmemory_share = 0.3\n')

    options = engine_options(config)

    assert (options.device, options.precision, options.memory_share) == ("cpu", Precision.INT8, 0.3)


def test_the_config_knows_each_precision_of_the_engines() -> None:
    assert set(get_args(Engine.model_fields["precision"].annotation)) == set(Precision)


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
