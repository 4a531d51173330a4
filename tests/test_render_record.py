"""Results as JSON: all that is known, and what the markup means, with its places in the text."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.documents import Document, Finish, Mode
from gotwatch.render.record import render
from tests.read_documents import document, formatted, page


def record_of(made: Document) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(render(made))
    return record


def nodes(value: object) -> list[dict[str, Any]]:
    """Everything with a type, from outside to inside."""
    if isinstance(value, list):
        return [node for each in value for node in nodes(each)]
    if not isinstance(value, dict):
        return []
    return [value, *nodes(list(value.values()))]


def test_json_holds_all_that_is_known() -> None:
    made = document(
        page(1, 'a\n"ü"', confidence=None),
        page(2, "", finish=Finish.BLANK),
        copied_from=Path("b.png"),
        warnings=("Careful.",),
    )

    record = record_of(made)

    assert record.pop("gotwatch")
    assert record == {
        "schema": 1,
        "source": {
            "name": "scan.png",
            "path": "2025/scan.png",
            "size": 1234,
            "modified": "2023-11-14T22:13:20.123456+00:00",
            "sha256": "ab" * 32,
        },
        "engine": "echo",
        "checkpoint": "model@1",
        "mode": "plain",
        "asked": "plain",
        "precision": "auto",
        "read_at": "2025-11-22T09:48:03+00:00",
        "copied_from": "b.png",
        "warnings": ["Careful."],
        "pages": [
            {
                "number": 1,
                "count": 1,
                "text": 'a\n"ü"',
                "tokens": 7,
                "seconds": 0.123,
                "confidence": None,
                "least_confidence": None,
                "finish": "stop",
                "checkpoint": "model@1",
                "blocks": [
                    {
                        "type": "paragraph",
                        "pieces": [{"type": "words", "text": 'a\n"ü"', "span": [0, 5]}],
                        "span": [0, 5],
                    }
                ],
                "remarks": [],
            },
            {
                "number": 2,
                "count": 1,
                "text": "",
                "tokens": 7,
                "seconds": 0.123,
                "confidence": 0.9,
                "least_confidence": 0.45,
                "finish": "blank",
                "checkpoint": "",
                "blocks": [],
                "remarks": [],
            },
        ],
    }


def test_json_tells_what_markup_means_and_where_it_stands() -> None:
    markup = "\\section*{Über \\(x\\)}\n\\begin{tabular}{r}a\\end{tabular}\n\\begin{theorem}cut"

    (read,) = record_of(formatted(markup))["pages"]

    assert [block["type"] for block in read["blocks"]] == ["heading", "table", "statement"]
    heading, table, statement = read["blocks"]
    assert heading["level"] == 2
    assert heading["pieces"][1] == {"type": "formula", "tex": "x", "span": [15, 20]}
    assert table["rows"][0][0]["align"] == "right"
    assert statement["kind"] == "theorem"
    assert read["remarks"] == ["\\begin{theorem} in line 3 is never closed."]


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.characters(), max_size=100), st.sampled_from(Mode))
def test_every_span_lies_in_the_text_of_its_page(markup: str, mode: Mode) -> None:
    (read,) = record_of(document(page(1, markup), mode=mode))["pages"]

    spans = [node["span"] for node in nodes(read["blocks"])]
    assert all(0 <= begin <= end <= len(read["text"]) for begin, end in spans)


def test_json_tells_how_many_pages_were_read_in_one_go() -> None:
    record = record_of(document(page(2, count=3)))

    assert [(each["number"], each["count"]) for each in record["pages"]] == [(2, 3)]


def test_json_keeps_letters_readable() -> None:
    assert "契約" in render(document(page(1, "契約")))


def test_a_time_beyond_the_calendar_is_left_open() -> None:
    record = record_of(document(page(), mtime_ns=2**70))

    assert record["source"]["modified"] is None


def test_a_name_that_is_no_utf8_is_shown() -> None:
    record = record_of(document(page(), name="caf\udce9\n.png"))

    assert record["source"]["path"] == r"2025/caf\udce9\x0a.png"
