"""Where the truth comes from: files beside pictures, Fox's and OmniDocBench's annotations."""

import json
from pathlib import Path
from typing import Any

import pytest

from gotwatch.documents import Mode
from gotwatch.errors import Unreadable, UsageError
from gotwatch.evaluation import annotations, html_tables, parts, truth


def put(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def test_pairs_are_found_in_all_subfolders_with_their_pages(tmp_path: Path) -> None:
    put(tmp_path / "b.pdf"), put(tmp_path / "b.gt.txt", "\ufeffone\r\n\f\ftwo\n\f")
    put(tmp_path / "sub/a.JPG"), put(tmp_path / "sub/a.gt.txt", "text\n")
    put(tmp_path / "sub/c.png"), put(tmp_path / "sub/c.gt.mmd", "\\(x\\)")
    put(tmp_path / "without.png"), put(tmp_path / "notes.txt")

    found = truth.pairs(tmp_path)

    assert [(one.name, one.pages, one.mode) for one in found] == [
        ("b.pdf", ("one", "", "two"), Mode.PLAIN),
        ("sub/a.JPG", ("text",), Mode.PLAIN),
        ("sub/c.png", ("\\(x\\)",), Mode.FORMAT),
    ]


def test_an_empty_text_is_an_empty_page(tmp_path: Path) -> None:
    put(tmp_path / "a.png"), put(tmp_path / "a.gt.txt")

    assert truth.pairs(tmp_path)[0].pages == ("",)


def test_a_name_with_its_ending_tells_two_pictures_apart(tmp_path: Path) -> None:
    put(tmp_path / "a.png"), put(tmp_path / "a.pdf")
    put(tmp_path / "a.gt.txt", "which?")
    with pytest.raises(UsageError, match=r"may belong to a.pdf and a.png") as refused:
        truth.pairs(tmp_path)

    (tmp_path / "a.gt.txt").rename(tmp_path / "a.pdf.gt.txt")

    assert refused.value.hint == "Call it a.pdf.gt.txt."
    assert [one.path.name for one in truth.pairs(tmp_path)] == ["a.pdf"]


def test_text_without_a_picture_is_told(tmp_path: Path) -> None:
    put(tmp_path / "a.gt.txt", "text")

    with pytest.raises(UsageError, match="There is no picture for"):
        truth.pairs(tmp_path)


def test_a_folder_without_pairs_is_refused_with_the_way_to_make_some(tmp_path: Path) -> None:
    put(tmp_path / "a.png")

    with pytest.raises(UsageError) as refused:
        truth.pairs(tmp_path)

    assert "gotwatch truth" in refused.value.hint


def test_text_that_is_no_utf_8_is_told_by_name(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    (tmp_path / "a.gt.txt").write_bytes("Größe".encode("latin-1"))

    with pytest.raises(Unreadable, match=r"a\.gt\.txt is not UTF-8"):
        truth.pairs(tmp_path)


# Annotations


def annotated(folder: Path, entries: Any, *pictures: str) -> list[truth.Truth]:
    for name in pictures:
        put(folder / name)
    return annotations.read(put(folder / "set.json", json.dumps(entries)), folder)


def fox(image: str, text: str) -> dict[str, Any]:
    asked = {"from": "human", "value": "<image>\nOCR this page:"}
    return {"image": image, "conversations": [asked, {"from": "gpt", "value": text}]}


def test_fox_s_answers_are_the_text_of_its_pages(tmp_path: Path) -> None:
    found = annotated(tmp_path, [fox("en_1.png", "First page.\n"), fox("cn_2.png", "第二页")], "en_1.png", "cn_2.png")

    assert [(one.name, one.pages, one.mode) for one in found] == [
        ("en_1.png", ("First page.",), Mode.PLAIN),
        ("cn_2.png", ("第二页",), Mode.PLAIN),
    ]


def block(order: int | None, category: str, number: int = 0, **fields: Any) -> dict[str, Any]:
    place = {"category_type": category, "poly": [0.0] * 8, "order": order, "anno_id": number or 100 + (order or 0)}
    return {**place, "ignore": False, **fields}


def omni(*blocks: dict[str, Any], relations: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    info = {"page_no": 0, "height": 10, "width": 10, "image_path": "somewhere/page_7.jpg", "page_attribute": {}}
    return {"layout_dets": list(blocks), "page_info": info, "extra": {"relation": list(relations)}}


def of_omni(tmp_path: Path, *blocks: dict[str, Any], relations: tuple[dict[str, Any], ...] = ()) -> str:
    (found,) = annotated(tmp_path, [omni(*blocks, relations=relations)], "page_7.jpg")
    assert (found.name, found.mode) == ("page_7.jpg", Mode.FORMAT)
    return found.pages[0]


def test_omnidocbench_s_blocks_are_put_in_their_order_as_markup(tmp_path: Path) -> None:
    text = of_omni(
        tmp_path,
        block(2, "equation_isolated", latex="$$\nE = mc^2\n$$"),
        block(0, "title", text="Energy"),
        block(1, "text_block", text="It is said that $E$ grows."),
        block(3, "table", latex="\\begin{tabular}{l}\n1\n\\end{tabular}", html="<table></table>"),
    )

    assert text == (
        "\\section*{Energy}\n\nIt is said that $E$ grows.\n\n\\[ E = mc^2 \\]\n\n\\begin{tabular}{l}\n1\n\\end{tabular}"
    )


def test_what_omnidocbench_ignores_and_what_stands_around_the_text_is_left_out(tmp_path: Path) -> None:
    text = of_omni(
        tmp_path,
        block(0, "text_block", text="kept"),
        block(1, "text_block", text="ignored", ignore=True),
        block(None, "header", text="a header"),
        block(2, "page_number", text="7"),
        block(3, "equation_caption", text="(1)"),
        block(4, "figure"),
        block(5, "text_block", text=None),
    )

    assert text == "kept"


def test_a_paragraph_that_a_column_cut_in_two_is_one(tmp_path: Path) -> None:
    cut = {"source_anno_id": 1, "target_anno_id": 3, "relation_type": "truncated"}
    caption = {"source_anno_id": 2, "target_anno_id": 1, "relation": "parent_son"}

    text = of_omni(
        tmp_path,
        block(0, "text_block", 1, text="It begins"),
        block(1, "figure_caption", 2, text="Fig. 1"),
        block(2, "text_block", 3, text="and ends."),
        relations=(cut, caption),
    )

    assert text == "It begins and ends.\n\nFig. 1"


def test_relations_that_run_in_a_circle_end(tmp_path: Path) -> None:
    to, fro = (
        {"source_anno_id": one, "target_anno_id": other, "relation_type": "truncated"}
        for one, other in ((1, 2), (2, 1))
    )
    blocks = (block(0, "text_block", 1, text="a"), block(1, "text_block", 2, text="b"), block(2, "title", 3, text="c"))

    assert "c" in of_omni(tmp_path, *blocks, relations=(to, fro))


def test_a_merged_block_without_text_of_its_own_has_that_of_its_parts(tmp_path: Path) -> None:
    merged = [block(0, "text_block", 8, text="- one"), block(1, "text_block", 9, text="- two")]

    assert of_omni(tmp_path, block(0, "text_block", merge_list=merged)) == "- one\n- two"


def test_a_table_that_has_only_html_becomes_a_tabular(tmp_path: Path) -> None:
    html = "<table><tr><td rowspan=2>A</td><td colspan='2'>B &amp; C</td></tr><tr><td>1</td><td>50%</td></tr></table>"

    text = of_omni(tmp_path, block(0, "table", html=html))

    assert text.startswith("\\begin{tabular}{lll}")
    same = (
        "\\begin{tabular}{ccc}\n\\multirow{2}{*}{A} & \\multicolumn{2}{c}{B \\& C} \\\\\n & 1 & 50\\%\n\\end{tabular}"
    )
    assert parts.fair(text, same).tables == 0


@pytest.mark.parametrize(
    "html", ["", "<td>a", "<TABLE><tr><tr></TABLE>", "<tr><td rowspan=x colspan=0>a</td>", "</td></tr>"]
)
def test_broken_html_makes_some_table(html: str) -> None:
    first, *rows, last = html_tables.as_tabular(html).splitlines()

    assert (first, last) == ("\\begin{tabular}{l}", "\\end{tabular}")
    assert ("a" in html) == ("a" in "".join(rows))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"question": "?"}], "of no known test set"),
        ([], "holds no list of pages"),
        ({"image": "a"}, "holds no list of pages"),
        ([fox("a.png", "x"), {"image": "a.png", "conversations": []}], "Entry 2 of"),
        ([fox("a.png", "x"), fox("b.png", "x")], r"There is no b\.png in"),
        ([fox("../set.json", "x")], r"There is no \.\./set\.json in"),
        ([fox(__file__, "x")], "There is no"),
        ([{"layout_dets": [{"order": 1}], "page_info": {"image_path": "a.png"}}], "Entry 1 of"),
        ([{"layout_dets": [], "page_info": {}}], "Entry 1 of"),
    ],
)
def test_a_file_that_is_not_as_its_set_has_it_is_refused_with_the_place(
    tmp_path: Path, entries: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        annotated(tmp_path, entries, "a.png")


def test_of_the_pictures_only_as_many_must_be_there_as_are_wanted(tmp_path: Path) -> None:
    path = put(tmp_path / "set.json", json.dumps([fox("a.png", "x"), fox("b.png", "y")]))
    put(tmp_path / "a.png")

    assert [one.name for one in annotations.read(path, tmp_path, most=1)] == ["a.png"]


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no JSON"):
        annotations.read(put(tmp_path / "set.json", "[{"), tmp_path)
