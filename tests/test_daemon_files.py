"""The whole program: from a dropped file to its results, on one running daemon."""

import json
import os
import shutil
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import bad_files
from tests.desk import Desk, document, eventually, image


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        desk.run(watch='formats = ["txt", "html", "md", "json"]')
        yield desk


def results(desk: Desk, folder: str = "") -> set[str]:
    return {path.name for path in (desk.out / folder).iterdir() if path.is_file()}


def test_a_dropped_file_becomes_one_result_of_each_form(desk: Desk) -> None:
    source = document(desk.inbox / "letters/hello.pdf", 3)

    desk.wait_for(source)

    assert results(desk, "letters") == {f"hello.pdf.{form}" for form in ("txt", "html", "md", "json")}
    assert desk.texts("letters/hello.pdf") == ["Page 1", "Page 2", "Page 3"]
    assert "Page 3" in (desk.out / "letters/hello.pdf.md").read_text("utf-8")
    html = (desk.out / "letters/hello.pdf.html").read_text("utf-8")
    assert [f'id="page-{number}"' in html for number in (1, 2, 3, 4)] == [True, True, True, False]
    record = json.loads((desk.out / "letters/hello.pdf.json").read_text("utf-8"))
    assert [page["number"] for page in record["pages"]] == [1, 2, 3]
    assert source.exists()


def test_each_page_is_read_once(desk: Desk) -> None:
    source = document(desk.inbox / "once.pdf", 5, width=311)

    desk.wait_for(source)

    width = round(311 / 72 * 200)
    assert sorted(line for line in desk.pages_read() if f" {width}" in line) == [
        f"{number} {width}x445" for number in range(1, 6)
    ]


def test_sources_of_one_stem_keep_results_of_their_own(desk: Desk) -> None:
    names = ("stem/a.png", "stem/a.jpg", "stem/a.pdf", "stem/sub/a.png")

    sources = [image(desk.inbox / name, f"number {index}") for index, name in enumerate(names)]
    for source in sources:
        desk.wait_for(source)

    assert {name for name in results(desk, "stem") if name.endswith(".txt")} == {"a.png.txt", "a.jpg.txt", "a.pdf.txt"}
    assert "a.png.txt" in results(desk, "stem/sub")


NAMES = {
    "chinese": "契約書 二〇二六年.png",
    "emoji": "scan \N{PARTY POPPER}\N{FAMILY}.png",
    "composed accents": unicodedata.normalize("NFC", "Übergröße é.png"),
    "decomposed accents": unicodedata.normalize("NFD", "Übergröße é.png"),
    "240 characters": "x" * 236 + ".png",
    "80 characters of three bytes": "漢" * 80 + ".png",
    "upper case": "TWIN.PNG",
    "lower case": "twin.png",
    "reserved on Windows": "CON.png",
    "markup": "a <b> & 'c' \"d\".png",
    "rich's markup": "[red]scan[bold].png",
    "percent and newline": "100%\nsure.png",
    "no text": os.fsdecode(b"broken \xff\xfe name.png"),
}


def test_names_of_all_kinds_get_results_of_their_own(desk: Desk) -> None:
    sources = [image(desk.inbox / "names" / name, kind) for kind, name in NAMES.items()]

    answers = [desk.wait_for(source) for source in sources]

    outputs = [output for answer in answers for output in answer["outputs"]]
    assert len(outputs) == len(set(outputs)) == 4 * len(NAMES)
    assert all(Path(output).name.isprintable() for output in outputs)
    assert len(results(desk, "names")) == 4 * len(NAMES)
    recent = desk.command("status")
    assert recent.returncode == 0


def test_the_same_bytes_are_read_once_and_the_twin_says_whose_text_it_has(desk: Desk) -> None:
    first = document(desk.inbox / "twins/first.pdf", 1, width=333)
    desk.wait_for(first)

    shutil.copy(first, second := desk.inbox / "twins/second.pdf")
    answer = desk.wait_for(second)

    assert str(first) in answer["why"]
    assert desk.texts("twins/second.pdf") == ["Page 1"]
    assert len([line for line in desk.pages_read() if f" {round(333 / 72 * 200)}x" in line]) == 1
    assert "first.pdf" in (desk.out / "twins/second.pdf.html").read_text("utf-8")


def test_a_file_with_a_new_content_is_read_anew_into_the_same_results(desk: Desk) -> None:
    source = document(desk.inbox / "grows/scan.pdf", 1)
    desk.wait_for(source)

    document(source, 2)
    eventually(lambda: desk.texts("grows/scan.pdf") == ["Page 1", "Page 2"])

    desk.wait_for(source)
    assert len(results(desk, "grows")) == 4


def test_a_result_that_the_person_has_changed_is_kept(desk: Desk) -> None:
    source = document(desk.inbox / "edited/scan.pdf", 1)
    desk.wait_for(source)
    (desk.out / "edited/scan.pdf.txt").write_text("my own words\n", "utf-8")

    document(source, 2)
    eventually(lambda: (desk.out / "edited/scan.pdf (2).txt").exists())

    assert (desk.out / "edited/scan.pdf.txt").read_text("utf-8") == "my own words\n"


def test_only_the_final_name_of_a_download_counts(desk: Desk) -> None:
    part = image(desk.inbox / "downloads/x.png.part")
    for name in ("~$letter.pdf", "._a.png", "Thumbs.db"):
        (desk.inbox / "downloads" / name).write_bytes(b"nothing")
    (desk.inbox / "downloads/@eaDir").mkdir()
    image(desk.inbox / "downloads/@eaDir/thumb.png")

    desk.wait_for(part.rename(part.with_suffix("")))

    assert {name for name in results(desk, "downloads") if name.endswith(".txt")} == {"x.png.txt"}


def test_a_folder_moved_in_is_read_with_all_its_levels(desk: Desk) -> None:
    tree = desk.root / "tree"
    sources = [image(tree / name, name) for name in ("1.png", "a/2.png", "a/b/3.png")]

    tree.rename(desk.inbox / "tree")
    for source in sources:
        desk.wait_for(desk.inbox / "tree" / source.relative_to(tree))

    assert (desk.out / "tree/a/b/3.png.txt").exists()


def test_a_slow_copy_is_read_once_it_is_whole(desk: Desk) -> None:
    whole = document(desk.root / "slow.pdf", 2, width=347).read_bytes()
    target = desk.inbox / "slow/slow.pdf"
    target.parent.mkdir()

    with target.open("wb") as file:
        for start in range(0, len(whole), len(whole) // 20):
            file.write(whole[start : start + len(whole) // 20])
            file.flush()
            assert not (desk.out / "slow").exists()
            time.sleep(0.03)  # as a slow disk would

    desk.wait_for(target)
    assert desk.texts("slow/slow.pdf") == ["Page 1", "Page 2"]


# The state that each ends in, and a word of what `why` says of it.
BAD_FILES = {
    bad_files.empty: ("failed", "is empty"),
    bad_files.reserved: ("failed", "zeros"),
    bad_files.text_named_png: ("failed", "plain text"),
    bad_files.office_named_pdf: ("failed", "Office"),
    bad_files.folder_named_png: ("ignored", "folder"),
    bad_files.fifo_named_pdf: ("ignored", "pipe"),
    bad_files.corrupt_png: ("failed", "damaged"),
    bad_files.corrupt_jpeg: ("failed", "damaged"),
    bad_files.truncated_jpeg: ("failed", "damaged"),
    bad_files.corrupt_pdf: ("failed", "damaged"),
    bad_files.truncated_pdf: ("failed", "cut off"),
    bad_files.pdf_without_pages: ("failed", "damaged"),
    bad_files.looping_pdf: ("failed", "damaged"),
    bad_files.huge_png: ("failed", "limits.max_pixels"),
    bad_files.many_pages_pdf: ("failed", "limits.max_pages"),
    bad_files.image_bomb_pdf: ("failed", "limits.reader_megabytes"),
    bad_files.nesting_bomb_pdf: ("failed", "nesting_bomb.pdf"),
    bad_files.encrypted_pdf: ("failed", "password"),
    bad_files.restricted_pdf: ("done", "1 page"),
    bad_files.jpeg_named_png: ("done", "1 page"),
    bad_files.pdf_named_png: ("done", "1 page"),
    bad_files.animated_gif: ("done", "3 pages"),
    bad_files.multipage_tiff: ("done", "3 pages"),
    bad_files.cmyk_jpeg: ("done", "1 page"),
    bad_files.grey16_png: ("done", "1 page"),
    bad_files.transparent_png: ("done", "1 page"),
    bad_files.rotated_jpeg: ("done", "1 page"),
    bad_files.webp: ("done", "1 page"),
    bad_files.heic: ("done", "1 page"),
    bad_files.form_pdf: ("done", "1 page"),
}
TIGHT = "give_up_seconds = 0\nrender_seconds = 3\nreader_megabytes = 512"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_each_bad_file_is_read_right_or_fails_with_advice_and_the_last_good_one_is_done(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run(limits=TIGHT)

        sources = {make: make(desk.inbox) for make in BAD_FILES}
        desk.wait_for(image(desk.inbox / "zzz.png"), timeout_seconds=50)
        eventually(lambda: desk.status()["state"] == "idle")

        answers = {make.__name__: desk.why(source) for make, source in sources.items()}
        unexpected = {
            name: answers[name]
            for name, (state, word) in {make.__name__: end for make, end in BAD_FILES.items()}.items()
            if answers[name]["state"] != state or word not in answers[name]["why"]
        }
        assert unexpected == {}
        assert all(source.exists() for source in sources.values())
