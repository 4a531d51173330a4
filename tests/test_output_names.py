"""Names of results: what is kept, what is changed, and that all three systems take them."""

import unicodedata
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.results.names import fold, is_portable, output_folder, output_name, with_counter

FORBIDDEN = set('<>:"/\\|?*') | {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]}
any_name = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=300)  # surrogates too


@pytest.mark.parametrize(
    "name",
    [
        "scan.png",
        "A.PNG",
        "no extension",
        "two.dots.tar.pdf",
        "Rechnung März 2025 (Kopie).pdf",
        unicodedata.normalize("NFD", "Überweisung.pdf"),
        "契約書 令和7年.pdf",
        "👩‍💻 receipt.jpg",
        "console.png",
        "COM10.png",
        "nul-result.png",
        "x" * 236 + ".png",
    ],
)
def test_a_good_name_is_not_changed(name: str) -> None:
    assert output_name(name, "txt") == f"{name}.txt"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("10:30 what?.png", "10_30 what_.png.html"),
        ('a<b>c"d|e*f\\g.png', "a_b_c_d_e_f_g.png.html"),
        ("line\nbreak\x7f\x85.png", "line_break__.png.html"),
        ("CON.png", "CON_.png.html"),
        ("con", "con_.html"),
        ("aux .tar.png", "aux _.tar.png.html"),
        ("Com1.png", "Com1_.png.html"),
        ("LPT³.pdf", "LPT³_.pdf.html"),
        ("CONIN$.pdf", "CONIN$_.pdf.html"),
        ("ends with dot.", "ends with dot..html"),
    ],
)
def test_a_name_that_windows_refuses_is_changed_as_little_as_possible(name: str, expected: str) -> None:
    assert output_name(name, "html") == expected


def test_two_undecodable_names_stay_two_names() -> None:
    first, second = ("caf\udce9.png", "caf\udce8.png")  # as os.fsdecode gives Latin-1 bytes

    assert output_name(first, "txt") == "caf%E9.png.txt"
    assert output_name(second, "txt") == "caf%E8.png.txt"


def test_half_a_pair_from_windows_becomes_readable() -> None:
    assert output_name("a\ud83d.png", "txt") == "a%uD83D.png.txt"


def test_a_long_name_keeps_its_extension_and_its_difference() -> None:
    first, second = (output_name("長" * 100 + f"{number}.pdf", "txt") for number in (1, 2))

    assert first != second
    assert first.endswith(".pdf.txt")
    assert first.startswith("長" * 70)


def test_all_results_of_a_long_name_have_the_same_beginning() -> None:
    stems = {output_name("x" * 400 + ".pdf", suffix).removesuffix(suffix) for suffix in ("txt", "html", "json", "md")}

    assert len(stems) == 1


def test_a_long_end_behind_a_dot_is_no_extension() -> None:
    name = output_name("a." + "b" * 300, "txt")

    assert len(name) <= 255
    assert name.startswith("a.bbb")


@pytest.mark.parametrize("sign", ["e\u0301", "👩\u200d💻", "❤\ufe0f", "👍\U0001f3fd", "\u1112\u1161\u11ab"])
def test_a_cut_does_not_part_what_is_one_sign(sign: str) -> None:
    for shift in range(12):
        name = output_name("x" * shift + sign * 100, "txt")

        kept = name[: name.rindex("-")][shift:]
        assert kept == sign * (len(kept) // len(sign))


@settings(deadline=None)  # the machine may be busy
@given(any_name, st.sampled_from(["txt", "html", "md", "json"]), st.integers(1, 2000))
def test_every_name_is_one_that_all_systems_take(name: str, suffix: str, counter: int) -> None:
    plain = output_name(name, suffix)
    counted = with_counter(plain, counter)

    for made in (plain, counted):
        assert made.endswith(f".{suffix}")
        assert len(made.encode("utf-8")) <= 255  # fails on what is not decodable, too
        assert len(made.encode("utf-16-le")) <= 2 * 255
        assert not FORBIDDEN & set(made)
        assert made.split(".")[0].rstrip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1", "COM²"}


@settings(deadline=None)  # the machine may be busy
@given(any_name)
def test_naming_twice_changes_nothing_more(name: str) -> None:
    once = output_name(name, "txt")

    if len(once.encode()) <= 240:
        assert output_name(once, "txt") == f"{once}.txt"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("scan.png.txt", "scan.png (2).txt"),
        ("scan.png", "scan (2).png"),
        ("README", "README (2)"),
        (".hidden", ".hidden (2)"),
    ],
)
def test_a_counter_stands_before_the_last_suffix(name: str, expected: str) -> None:
    assert with_counter(name, 2) == expected


def test_the_tree_is_mirrored_part_by_part() -> None:
    folder = output_folder(PurePosixPath("2025/Q3 / a: b/aux/caf\udce9/..."))

    assert folder == Path("2025/Q3_/ a_ b/aux_/caf%E9/___")


@settings(deadline=None)  # the machine may be busy
@given(st.lists(any_name, max_size=4))
def test_no_folder_leads_out_of_the_destination(parts: list[str]) -> None:
    folder = output_folder(PurePosixPath(*parts, ".."))

    assert not folder.is_absolute()
    assert ".." not in folder.parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/Scan.PNG.txt", "A/scan.png.TXT"),
        (unicodedata.normalize("NFC", "é.txt"), unicodedata.normalize("NFD", "É.txt")),
        ("STRASSE.txt", "straße.txt"),
    ],
)
def test_paths_that_some_disk_takes_for_one_have_one_key(one: str, other: str) -> None:
    assert fold(Path(one)) == fold(Path(other))


def test_different_paths_have_different_keys() -> None:
    assert fold(Path("a/b.txt")) != fold(Path("a/c.txt"))


@given(st.text(max_size=300))
def test_a_bare_name_is_what_stays_the_same_as_a_result_s_name(name: str) -> None:
    bare = is_portable(name)

    assert bare == (name != "" and name == name.strip(". ") and output_name(name, "x") == f"{name}.x")
    assert not bare or PurePath(name).name == PureWindowsPath(name).name == name


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "a\\b", "C:x", "con", "NUL.html", "x ", "x.", "", "a\0b"])
def test_what_leads_elsewhere_or_is_hidden_or_a_device_is_no_bare_name(name: str) -> None:
    assert not is_portable(name)
