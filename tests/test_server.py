"""POST /ocr, as those know it who call it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests import bad_files
from tests.served import RECORD, Served, in_base64, pdf, png, serving, upload_folders

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def repeating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Answers with what it was asked."""
    with serving(tmp_path_factory.mktemp("repeating"), "RepeatingEngine") as served:
        yield served


def test_the_answer_is_the_text_as_a_json_string(served: Served) -> None:
    image = in_base64(png())

    answer = requests.post(f"{served.url}/ocr", json={"image": image, "ocr_type": "ocr"}, timeout=30)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == "Page 1\n\n300x160 ffffff"


@pytest.mark.parametrize(
    "prefix", ["data:image/png;base64,", "data:;base64,", "data:application/pdf;name=x.pdf;base64,"]
)
def test_a_data_prefix_is_left_off(served: Served, prefix: str) -> None:
    assert served.post({"image": prefix + in_base64(png())}).json() == "Page 1\n\n300x160 ffffff"


def test_base64_may_be_broken_into_lines(served: Served) -> None:
    text = in_base64(png())
    broken = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))

    assert served.post({"image": broken}).json() == "Page 1\n\n300x160 ffffff"


def test_with_the_record_s_type_the_answer_tells_all_that_is_known(served: Served) -> None:
    record = served.record({"image": in_base64(png())})

    assert record.pop("seconds") >= 0
    (page,) = record.pop("pages")
    assert page["text"] == record["text"]
    assert record == {
        "text": "Page 1\n\n300x160 ffffff",
        "html": None,
        "saved": None,
        "tokens": 4,
        "finish": "stop",
        "confidence": pytest.approx(0.9),
        "engine": "tests.engines:EchoEngine",
        "checkpoint": "echo-1",
        "warnings": [],
    }


ASKED = {
    '{"ocr_type": "format"}': "format",
    '{"ocr_box": "[10, 20, 110, 120]"}': "plain; box 10,20,110,120 by pixels",
    '{"ocr_box": "10,20"}': "plain; box 10,20 by prompt",
    '{"ocr_box": null, "ocr_color": null, "save_render_file": null}': "plain",
    '{"ocr_box": "", "ocr_color": "", "save_render_file": ""}': "plain",
    '{"ocr_type": "format", "ocr_color": "red"}': "format; red",
    '{"crop": true}': "plain; crop",
    '{"ocr_box": "[1,2,3,4]", "box_by": "prompt", "prompt_style": "hub"}': "plain; box 1,2,3,4 by prompt; hub",
    '{"trim": true, "strips": true, "retry": false, "max_new_tokens": 9}': "plain; trim; strips; no retry; 9 tokens",
}


@pytest.mark.parametrize(("fields", "understood"), ASKED.items(), ids=list(ASKED))
def test_each_field_reaches_the_engine(repeating: Served, fields: str, understood: str) -> None:
    answer = repeating.post({"image": in_base64(png()), **json.loads(fields)})

    assert answer.json() == f"{understood} in auto on auto"


def test_several_images_are_read_in_one_go(repeating: Served) -> None:
    record = repeating.record({"images": [in_base64(png()), in_base64(png("Two"))]})

    assert record["text"] == "format; multi page in auto on auto"
    assert [(page["page"], page["pages"]) for page in record["pages"]] == [(1, 2)]


def test_one_of_several_images_alone_is_an_image(repeating: Served) -> None:
    assert repeating.post({"images": [in_base64(png())]}).json() == "plain in auto on auto"


def test_the_pages_of_a_document_come_in_order_with_form_feeds_between(served: Served) -> None:
    text = served.post({"image": in_base64(pdf(3))}).json()

    assert [page.split("\n")[0] for page in text.split("\f\n")] == ["Page 1", "Page 2", "Page 3"]


def test_pages_says_which_of_a_document_are_read(served: Served) -> None:
    record = served.record({"image": in_base64(pdf(4)), "pages": "2, 4-"})

    assert [page["page"] for page in record["pages"]] == [2, 4]


def test_a_rendered_page_comes_with_the_record_and_is_kept_where_it_was_asked_for(served: Served) -> None:
    body = {"image": in_base64(png()), "ocr_type": "format", "render": True, "save_render_file": "1.html"}

    record = served.record(body)

    assert record["saved"] == "1.html"
    assert record["html"].startswith("<!doctype html>")
    assert "300x160" in record["html"]
    assert (served.results / "1.html").read_text("utf-8") == record["html"]


def test_what_is_saved_again_under_a_name_takes_the_place_of_what_was(served: Served) -> None:
    for width in (300, 310):
        served.post({"image": in_base64(png(width=width)), "render": True, "save_render_file": "again.html"})

    assert "310x160" in (served.results / "again.html").read_text("utf-8")


def test_nothing_is_saved_that_is_not_rendered_and_the_record_says_so(served: Served) -> None:
    record = served.record({"image": in_base64(png()), "save_render_file": "never.html"})

    assert record["saved"] is None
    assert "save_render_file needs render" in record["warnings"][0]
    assert not (served.results / "never.html").exists()


UNSAFE = (
    *(
        "../1.html",
        "a/1.html",
        "/tmp/1.html",
        "..\\1.html",
        "a\\1.html",
        "C:1.html",
        "C:\\1.html",
        "..",
        ".",
        "...html",
    ),
    *(".1.html", "1.html.", "1.html ", " 1.html", "con.html", "CON", "nul.html", "COM1.html", "lpt9 .html", "a\0.html"),
    *("a\n.html", "1.html:stream", "x?.html", "*.html", "a" * 300 + ".html", "1.exe", "1", "%2e%2e%2f1.html/"),
)


@pytest.mark.parametrize("name", UNSAFE, ids=[f"{index} {name[:12]!a}" for index, name in enumerate(UNSAFE)])
def test_a_name_that_is_no_bare_name_of_a_page_is_refused(served: Served, name: str) -> None:
    before = sorted(path.name for path in served.results.parent.rglob("*"))

    answer = served.post({"image": in_base64(png()), "render": True, "save_render_file": name})

    assert answer.status_code == 422
    assert answer.json()["error"] == "UsageError"
    assert sorted(path.name for path in served.results.parent.rglob("*")) == before


def not_a_png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"not what it says it is" * 20


REFUSED = {
    "no base64": ({"image": "!!!!"}, 400, "Malformed"),
    "half of a base64 character": ({"image": "abcde"}, 400, "Malformed"),
    "base64 outside of ASCII": ({"image": "ÄÄÄÄ"}, 400, "Malformed"),
    "text": ({"image": in_base64(b"This is not an image.")}, 415, "Unsupported"),
    "five bytes": ({"image": in_base64(b"hello")}, 415, "Unreadable"),
    "nothing": ({"image": ""}, 415, "Unreadable"),
    "a damaged image": ({"image": in_base64(not_a_png())}, 415, "Unreadable"),
    "one of several is no image": ({"images": [in_base64(png()), in_base64(b"no image at all")]}, 415, "Unsupported"),
    "one of several has pages": ({"images": [in_base64(png()), in_base64(pdf(2))]}, 415, "Unsupported"),
    "no image": ({}, 422, "UsageError"),
    "both": ({"image": "YQ==", "images": ["YQ=="]}, 422, "UsageError"),
    "no images": ({"images": []}, 422, "UsageError"),
    "too many images": ({"images": ["YQ=="] * 9}, 422, "UsageError"),
    "an unknown type": ({"image": "YQ==", "ocr_type": "magic"}, 422, "UsageError"),
    "an unknown colour": ({"image": "YQ==", "ocr_color": "mauve"}, 422, "UsageError"),
    "a box that is none": ({"image": "YQ==", "ocr_box": "__import__('os')"}, 422, "UsageError"),
    "an empty box": ({"image": "YQ==", "ocr_box": "[5,5,5,5]"}, 422, "UsageError"),
    "a box and a colour": ({"image": "YQ==", "ocr_box": "[1,2,3,4]", "ocr_color": "red"}, 422, "UsageError"),
    "pages backwards": ({"image": "YQ==", "pages": "3-1"}, 422, "UsageError"),
    "pages that are not there": ({"image": in_base64(png()), "pages": "2-"}, 422, "UsageError"),
    "an unknown field": ({"image": "YQ==", "ocr_tpye": "ocr"}, 422, "UsageError"),
    "a number for a truth": ({"image": "YQ==", "render": 1}, 422, "UsageError"),
}


@pytest.mark.parametrize(("body", "status", "error"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_read_is_refused_in_one_shape(
    served: Served, body: dict[str, object], status: int, error: str
) -> None:
    answer = served.post(body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"error", "message", "hint"}
    assert answer.json()["error"] == error
    assert answer.json()["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1,2]", b'"text"', b"\xff\xfe", b'{"image": "\xff"}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_malformed(served: Served, content: bytes) -> None:
    answer = requests.post(f"{served.url}/ocr", data=content, headers={"Content-Type": "application/json"}, timeout=30)

    assert answer.status_code in (400, 422)
    assert answer.json().keys() == {"error", "message", "hint"}


def test_a_bomb_of_pixels_is_too_large(served: Served, tmp_path: Path) -> None:
    bomb = bad_files.huge_png(tmp_path).read_bytes()

    answer = served.post({"image": in_base64(bomb)})

    assert answer.status_code == 413
    assert "limit is 60 million" in answer.json()["message"]
    assert served.post({"image": in_base64(png())}).status_code == 200


def test_an_encrypted_document_is_refused_with_what_to_do(served: Served, tmp_path: Path) -> None:
    answer = served.post({"image": in_base64(bad_files.encrypted_pdf(tmp_path).read_bytes())})

    assert answer.status_code == 422
    assert answer.json()["message"] == "The image needs a password"
    assert answer.json()["hint"]


def test_a_bug_of_the_engine_is_a_500_that_tells_nothing_of_its_inside(tmp_path: Path) -> None:
    with serving(tmp_path, "BuggyEngine") as served:
        answer = served.post({"image": in_base64(png())})

    assert answer.status_code == 500
    assert answer.json()["error"] == "Bug"
    assert "oops" not in answer.text


def test_a_page_that_the_engine_dies_of_is_a_500_and_the_next_is_read(tmp_path: Path) -> None:
    with serving(tmp_path, "DyingEngine") as served:
        died = served.post({"image": in_base64(pdf(2)), "pages": "2"})
        after = served.post({"image": in_base64(png())})

    assert (died.status_code, died.json()["error"]) == (500, "EngineCrashed")
    assert after.status_code == 200


def test_an_engine_that_cannot_be_loaded_is_a_503_and_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    weights = tmp_path / "weights"
    monkeypatch.setenv("GOTWATCH_TEST_WEIGHTS", str(weights))
    with serving(tmp_path, "WaitingForWeightsEngine") as served:
        missing = served.post({"image": in_base64(png())})
        # Not at once on a slow machine: its process may be starting another time.
        eventually(lambda: served.get("/ready").json()["message"] == "The weights are not there")
        ready_before = served.get("/ready")
        weights.touch()
        there = served.post({"image": in_base64(png())})
        ready_after = served.get("/ready")

    assert (missing.status_code, missing.json()["error"]) == (503, "CheckpointMissing")
    assert int(missing.headers["retry-after"]) > 0
    assert ready_before.status_code == 503
    assert (there.status_code, ready_after.status_code) == (200, 200)


def test_no_upload_is_left_on_the_disk(served: Served) -> None:
    served.post({"image": in_base64(png())})
    served.post({"image": in_base64(b"This is not an image.")})

    folders = upload_folders()
    assert folders
    assert [path for folder in folders for path in folder.iterdir()] == []
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)


@pytest.mark.parametrize("accept", [RECORD, f"text/html, {RECORD};q=0.9", RECORD.upper()])
def test_the_record_is_chosen_by_accept(served: Served, accept: str) -> None:
    assert served.post({"image": in_base64(png())}, Accept=accept).headers["content-type"] == RECORD
