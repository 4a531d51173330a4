"""gotwatch read, with and without a running gotwatch."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import bad_files
from tests.desk import Desk, document, eventually, image


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Nothing runs."""
    with Desk(tmp_path) as desk:
        desk.configure(limits="give_up_seconds = 0")
        yield desk


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A daemon that all tests of this file share: each uses names of its own."""
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        desk.run()
        yield desk


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
