"""gotwatch read, with and without a running gotwatch."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import bad_files
from tests.desk import Desk, document, eventually, image


@pytest.mark.parametrize("has_daemon", [True, False], ids=["through the daemon", "by itself"])
def test_read_prints_the_pages_of_files_anywhere(request: pytest.FixtureRequest, has_daemon: bool) -> None:
    desk: Desk = request.getfixturevalue("running" if has_daemon else "desk")
    source = document(desk.root / "elsewhere.pdf", 2, width=360)

    done = desk.command("read", str(source))

    assert done.returncode == 0, done.stderr
    pages = done.stdout.split("\f\n")
    assert [page.split("\n")[0] for page in pages] == ["Page 1", "Page 2"]
    assert len(desk.pages_read()) >= 2
    assert (desk.status()["state"] == "idle") == has_daemon
    assert desk.why(source)["state"] == "unknown"


@pytest.mark.parametrize("has_daemon", [True, False], ids=["through the daemon", "by itself"])
def test_read_as_json_tells_errors_beside_results(request: pytest.FixtureRequest, has_daemon: bool) -> None:
    desk: Desk = request.getfixturevalue("running" if has_daemon else "desk")
    good, bad = image(desk.root / "good.png"), bad_files.encrypted_pdf(desk.root)

    done = desk.command("read", "--json", str(bad), str(good), str(desk.root / "none.png"))

    assert done.returncode == 3
    records = json.loads(done.stdout)
    assert ["error" in record for record in records] == [True, False, True]
    assert "password" in records[0]["error"]["message"]
    assert records[1]["engine"] == "tests.engines:EchoEngine"
    assert records[1]["pages"][0]["text"].startswith("Page 1")
    assert "There is no file" in records[2]["error"]["message"]
    assert "needs a password. Save a copy without a password" in done.stderr


def test_read_with_out_writes_files_and_never_over_another(desk: Desk) -> None:
    source, out = document(desk.root / "a.pdf", 2), desk.root / "texts"

    for _ in range(2):
        assert desk.command("read", "--out", str(out), str(source)).returncode == 0

    assert sorted(path.name for path in out.iterdir()) == ["a.pdf (2).txt", "a.pdf.txt"]
    assert (out / "a.pdf.txt").read_text("utf-8").count("\f") == 1


def test_read_with_an_engine_of_its_own_leaves_the_daemons_alone(running: Desk) -> None:
    source = image(running.root / "a.png")

    done = running.command("read", "--json", "--engine", "tests.engines:BlindEngine", str(source))

    assert done.returncode == 3
    assert "Nothing to read" in done.stderr


def test_read_does_not_wait_for_the_documents_in_the_queue(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run("SlowEngine", limits="readers = 1")
        long = document(desk.inbox / "long.pdf", 20)
        eventually(lambda: desk.page_in_work(long) == 2)

        done = desk.command("read", str(image(desk.root / "short.png")))

        assert done.stdout.startswith("Page 1\n")
        assert desk.page_in_work(long) < 10


def test_read_works_while_the_queue_is_paused(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run()
        desk.ask("pause")

        done = desk.command("read", str(image(desk.root / "a.png")))

        assert done.stdout.startswith("Page 1\n")


ASKED = {
    ("--mode", "format"): "format",
    ("--box", "10,20,110,120"): "plain; box 10,20,110,120 by pixels",
    ("--box", "10,20,110,120", "--box-by", "prompt"): "plain; box 10,20,110,120 by prompt",
    ("--box", "10, 20"): "plain; box 10,20 by prompt",
    ("--mode", "format", "--color", "red"): "format; red",
    ("--crop", "--prompt-style", "hub"): "plain; crop; hub",
    ("--trim", "--strips"): "plain; trim; strips",
    ("--max-new-tokens", "100", "--no-retry"): "plain; no retry; 100 tokens",
}


@pytest.fixture(scope="module")
def repeating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A daemon whose engine answers with what it was asked."""
    with Desk(tmp_path_factory.mktemp("repeating")) as desk:
        desk.run("RepeatingEngine")
        image(desk.root / "a.png")
        yield desk


@pytest.mark.parametrize(("options", "understood"), ASKED.items(), ids=[" ".join(options) for options in ASKED])
def test_all_that_is_asked_reaches_the_daemon_s_engine(
    repeating: Desk, options: tuple[str, ...], understood: str
) -> None:
    code, said = repeating.ask("read", *options, str(repeating.root / "a.png"))

    assert (code, said) == (0, f"{understood} in auto on auto\n")


def test_a_page_as_json_has_its_tokens_and_how_sure_each_is(repeating: Desk) -> None:
    code, said = repeating.ask("read", "--json", str(repeating.root / "a.png"))

    (record,) = json.loads(said)
    (page,) = record["pages"]
    assert code == 0
    assert record["path"] == str(repeating.root / "a.png")
    assert record["engine"] == "tests.engines:RepeatingEngine"
    assert page["seconds"] >= 0
    assert {key: value for key, value in page.items() if key != "seconds"} == {
        "page": 1,
        "pages": 1,
        "text": "plain in auto on auto",
        "tokens": [7, 8, 9],
        "token_count": 4,
        "logprobs": [-0.1, -0.2, -0.3, -0.4],
        "confidence": 0.9,
        "least_confidence": 0.67,
        "finish": "stop",
        "checkpoint": "echo-1",
    }


def test_pages_that_are_read_in_one_go_are_one_entry(repeating: Desk) -> None:
    source = document(repeating.root / "two.pdf", 2)

    code, said = repeating.ask("read", "--multi-page", "--json", str(source))

    (page,) = json.loads(said)[0]["pages"]
    assert code == 0
    assert (page["page"], page["pages"]) == (1, 2)
    assert page["text"] == "format; multi page in auto on auto"


def test_read_asks_for_a_device_and_a_precision_by_an_engine_of_its_own(repeating: Desk) -> None:
    source = str(repeating.root / "a.png")

    done = repeating.command("read", "--device", "cpu", "--precision", "int8", "--crop", source)

    assert (done.returncode, done.stdout) == (0, "plain; crop in int8 on cpu\n"), done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--box", "1,2,3"], "The box 1,2,3 has 3 values"),
        (["--box", "9,2,3,4"], "The box 9,2,3,4 is empty"),
        (["--box", "1;2"], "'1;2' is no box"),
        (["--box", "-1,2"], "'-1,2' is no box"),
        (["--box", "1,2,3,4", "--color", "red"], "A box and a colour cannot be combined"),
        (["--crop", "--multi-page"], "Crop and several pages in one go cannot be combined"),
        (["--color", "pink"], "'pink' is not one of 'red', 'green', 'blue'"),
        (["--prompt-style", "mine"], "'mine' is not one of"),
        (["--max-new-tokens", "0"], "0 is not in the range"),
        (["--device", "gpu"], "'gpu' must be"),
        (["--precision", "int4"], "'int4' is not one of"),
        (["--engine", "padle"], 'Did you mean "paddle"?'),
        (["--engine", "paddle", "--precision", "int8"], 'The engine "paddle" does not compute in int8'),
    ],
)
def test_what_cannot_be_asked_ends_with_2_and_the_reason(desk: Desk, options: list[str], words: str) -> None:
    code, said = desk.ask("read", *options, str(image(desk.root / "a.png")))

    assert code == 2
    assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--mode", "format"], "cannot be asked for format"),
        (["--color", "red", "--no-retry"], "cannot be asked for a colour"),
        (["--box", "1,2,3,4", "--box-by", "prompt"], "cannot be asked for a box told in words"),
        (["--crop", "--max-new-tokens", "9"], "cannot be asked for crop, a limit of tokens"),
    ],
)
def test_paddle_refuses_what_it_would_leave_undone(desk: Desk, options: list[str], words: str) -> None:
    code, said = desk.ask("read", "--engine", "paddle", *options, str(image(desk.root / "a.png")))

    assert code == 2
    assert f'The engine "paddle" {words}. The engine "got" can' in said


def test_paddle_reads_what_is_in_a_box(desk: Desk) -> None:
    source = image(desk.root / "a.png", "Left      Right", width=500)

    whole = desk.command("read", "--engine", "paddle", str(source))
    part = desk.command("read", "--engine", "paddle", "--box", "0,0,160,160", str(source))
    outside = desk.command("read", "--engine", "paddle", "--box", "900,0,950,80", str(source))

    assert whole.stdout.split() == ["Left", "Right"], whole.stderr
    assert part.stdout.split() == ["Left"], part.stderr
    assert outside.returncode == 3
    assert "The box 900,0,950,80 lies outside of page 1, which has 500 x 160 pixels" in outside.stderr
