"""The text while it is decoded, as server-sent events."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gotwatch.config.settings import Config, Engine, Limits
from tests.desk import eventually
from tests.served import Served, in_base64, pdf, png, request_bytes, serving

TYPEWRITER = Path(__file__).parents[1] / "samples" / "typewriter"


@pytest.fixture(scope="module")
def spelling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("spelling"), "SpellingEngine") as served:
        yield served


def events(served: Served, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    answer = served.post({**body, "stream": True})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.splitlines() for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def text_of(told: list[tuple[str, dict[str, Any]]], page: int) -> str:
    """What somebody has before their eyes who heeds the words alone."""
    text = ""
    for name, record in told:
        if name == "words" and record["page"] == page:
            text = record["text"] if record["anew"] else text + record["text"]
    return text


def test_the_words_of_a_page_make_up_its_text(spelling: Served) -> None:
    told = events(spelling, {"image": in_base64(png())})

    words = [record for name, record in told if name == "words"]
    assert words[0] == {"page": 1, "text": "what", "anew": False}
    assert words[1] == {"page": 1, "text": "P", "anew": True}
    assert text_of(told, 1) == told[-1][1]["text"] == "Page 1\n\n300x160 ffffff"


def test_each_page_comes_whole_when_it_is_done_and_the_record_last(spelling: Served) -> None:
    told = events(spelling, {"image": in_base64(pdf(3))})

    pages = {record["page"]: record["text"] for name, record in told if name == "page"}
    name, record = told[-1]
    assert name == "done"
    assert record["text"] == "\f\n".join(pages[number] for number in (1, 2, 3))
    assert all(text_of(told, number) == pages[number] for number in pages)


def test_an_engine_that_says_nothing_on_the_way_gives_its_pages_whole(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        told = events(served, {"image": in_base64(pdf(2))})

    assert [name for name, _ in told] == ["page", "page", "done"]


def test_what_goes_wrong_before_the_first_words_has_its_status(spelling: Served) -> None:
    answer = spelling.post({"image": in_base64(b"This is no image."), "stream": True})

    assert answer.status_code == 415
    assert answer.json()["error"] == "Unsupported"


def test_what_goes_wrong_later_is_the_last_event(tmp_path: Path) -> None:
    with serving(tmp_path, "DyingEngine") as served:
        told = events(served, {"image": in_base64(pdf(2))})

    assert [name for name, _ in told] == ["page", "error"]
    assert told[-1][1]["error"] == "EngineCrashed"


def test_a_listener_who_leaves_is_no_longer_read_for(spelling: Served) -> None:
    with closing(spelling.connect()) as connection:
        connection.sendall(request_bytes(spelling, {"image": in_base64(pdf(3)), "stream": True}))
        assert connection.recv(20).startswith(b"HTTP/1.1 200")

    assert spelling.post({"image": in_base64(png())}).status_code == 200


@pytest.mark.timeout(180)
def test_the_model_s_text_comes_while_it_is_written(tmp_path: Path) -> None:
    checkpoint = TYPEWRITER / "gotwatch-typewriter"
    engine = Engine(name="got", checkpoint=str(checkpoint), device=("cpu",))
    page = sorted((TYPEWRITER / "in" / "plain").iterdir())[0].read_bytes()

    with serving(tmp_path, config=Config(engine=engine, limits=Limits(readers=1))) as served:
        served.desk.room.fleet.load()
        eventually(lambda: served.get("/ready").status_code == 200, 150.0)  # importing PyTorch takes its time
        told = events(served, {"image": in_base64(page)})

    words = [record for name, record in told if name == "words"]
    text = told[-1][1]["text"]
    assert words
    assert not any(record["anew"] for record in words)
    assert text.startswith(text_of(told, 1))
    assert len(words[0]["text"]) < len(text)
