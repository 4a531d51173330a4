"""The commands as they are typed, with and without a running gotwatch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gotwatch.cli.main import COMMANDS, gotwatch
from tests import bad_files
from tests.desk import REPOSITORY, Desk, document, eventually, image

HEAVY = {
    "torch",
    "transformers",
    "onnxruntime",
    "rapidocr",
    "numpy",
    "PIL",
    "pydantic",
    "sqlite3",
    "watchdog",
    "psutil",
}


def test_help_imports_none_of_the_heavy_libraries() -> None:
    program = "import sys; from gotwatch.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True
    )

    assert "Watch the folders and read what comes." in done.stdout
    assert HEAVY & set(done.stderr.split()) == set()


def test_the_daemon_imports_what_it_may_never_need_only_when_it_does() -> None:
    """The hub's client, 9 MB and 0.14 s, once stood in every start for one question of the set-up."""
    program = "import sys; import gotwatch.cli.daemon; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True
    )

    assert {"huggingface_hub", "httpx2", "fastapi", "uvicorn", "PIL", "pystray"} & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_of_a_command_is_the_first_sentence_of_its_own_help(name: str) -> None:
    command = gotwatch.get_command(click.Context(gotwatch), name)

    assert command is not None
    assert COMMANDS[name][1] == (command.help or "").split("\n\n")[0].replace("\n", " ")


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["read"], ["retry"], ["pause", "--for", "soon"], ["pause", "--for", "99999999d"]]
)
def test_a_mistyped_command_ends_with_2(desk: Desk, arguments: list[str]) -> None:
    code, output = desk.ask(*arguments)

    assert code == 2
    assert output


def test_status_of_nothing_ends_with_3_and_makes_nothing(desk: Desk) -> None:
    assert desk.ask("status") == (3, "gotwatch: not running\n")
    assert desk.status()["state"] == "not running"
    assert not desk.state.exists()


def test_commands_that_need_a_daemon_end_with_3_without_one(desk: Desk) -> None:
    assert desk.ask("rescan")[0] == 3
    assert desk.ask("stop")[0] == 3


def test_once_reads_all_and_ends_with_0(desk: Desk) -> None:
    document(desk.inbox / "a.pdf", 3)
    image(desk.inbox / "sub/b.png")

    done = desk.command("once")

    assert done.returncode == 0, done.stderr
    assert f"done: {desk.inbox / 'a.pdf'} (3 pages)\n" in done.stdout
    assert f"    {desk.out / 'sub/b.png.html'}\n" in done.stdout
    assert "2 files, 4 pages in " in done.stdout
    assert desk.texts("a.pdf") == ["Page 1", "Page 2", "Page 3"]
    assert desk.command("once").stdout.startswith("0 files, 0 pages in ")


def test_once_with_a_file_that_cannot_be_read_ends_with_3(desk: Desk) -> None:
    bad_files.encrypted_pdf(desk.inbox)
    image(desk.inbox / "good.png")

    done = desk.command("once", "--json")

    assert done.returncode == 3
    summary = json.loads(done.stdout)
    assert {Path(file["path"]).name: file["state"] for file in summary["files"]} == {
        "encrypted.pdf": "failed",
        "good.png": "done",
    }
    assert summary["pages"] == 1
    assert summary["left"] == 0


def test_once_that_must_leave_files_for_later_ends_with_4_and_says_why(desk: Desk) -> None:
    desk.configure("WaitingForWeightsEngine")
    image(desk.inbox / "a.png")

    done = desk.command("once")

    assert done.returncode == 4
    assert "1 file left: The weights are not there." in done.stdout


def test_once_while_paused_ends_at_once_with_4(desk: Desk) -> None:
    image(desk.inbox / "a.png")
    desk.ask("pause")

    done = desk.command("once")

    assert done.returncode == 4
    assert "1 file left: gotwatch is paused." in done.stdout


def test_once_beside_a_running_gotwatch_ends_with_2(running: Desk) -> None:
    done = running.command("once")

    assert done.returncode == 2
    assert "gotwatch is running already" in done.stderr


@pytest.mark.parametrize("arguments", [["init", "--print"], ["--help"], ["log"]])
def test_a_reader_of_the_output_that_leaves_early_is_no_error(running: Desk, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "gotwatch", "--state-dir", str(running.state), *arguments],
            cwd=REPOSITORY,
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, b"")


def test_why_explains_what_was_done(running: Desk) -> None:
    source = image(running.inbox / "why/done.png")
    running.wait_for(source)

    code, said = running.ask("why", str(source))

    assert code == 0
    assert said.startswith(f"{source}: done\nIts text was read on ")
    assert f"  -> {running.out / 'why/done.png.html'}\n" in said


def test_a_file_is_known_by_any_way_that_leads_to_it(running: Desk) -> None:
    source = image(running.inbox / "ways/file.png")
    running.wait_for(source)
    (link := running.root / "link").symlink_to(running.inbox)

    assert running.why(link / "ways/file.png")["state"] == "done"
    assert running.why(running.inbox / "ways/../ways/file.png")["state"] == "done"


def test_why_explains_what_failed_with_advice(running: Desk) -> None:
    source = bad_files.encrypted_pdf(running.inbox)
    running.wait_for(source, "failed")

    assert "needs a password. Save a copy without a password" in running.ask("why", str(source))[1]


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("notes.docx", "ignored", "no type that gotwatch reads"),
        ("drafts/a.png", "ignored", "ignore pattern 'drafts/'"),
        ("a.png.part", "ignored", "not finished"),
        ("nowhere.png", "unknown", "no such file"),
    ],
)
def test_why_explains_what_is_not_read(running: Desk, name: str, state: str, words: str) -> None:
    source = running.inbox / name
    source.parent.mkdir(exist_ok=True)
    if state != "unknown":
        source.write_bytes(b"x")

    answer = running.why(source)

    assert answer["state"] == state
    assert words in answer["why"]


def test_why_explains_a_file_that_must_settle(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run(quiet="60s")

        source = image(desk.inbox / "fresh.png")

        assert desk.why(source)["state"] == "settling"
        assert "must not change for 60 s" in desk.why(source)["why"]
        eventually(lambda: desk.status()["folders"][0]["settling"] == 1)


def test_why_knows_a_file_outside_of_all_folders(running: Desk) -> None:
    assert "in no watched folder" in running.why(running.root / "x.png")["why"]


@pytest.mark.parametrize("has_daemon", [True, False], ids=["by the daemon", "without one"])
def test_files_are_retried_read_anew_and_forgotten(tmp_path: Path, has_daemon: bool) -> None:
    with Desk(tmp_path) as desk:
        desk.run(limits="give_up_seconds = 0")
        good, bad = document(desk.inbox / "good.pdf", 1), bad_files.encrypted_pdf(desk.inbox)
        desk.wait_for(good)
        desk.wait_for(bad, "failed")
        if not has_daemon:
            desk.end()

        assert desk.ask("retry", str(bad)) == (0, "1 file will be tried again.\n")
        assert desk.ask("reprocess", str(good)) == (0, f"{good} will be read anew.\n")
        if not has_daemon:
            assert desk.status()["queue"]["queued"] == 2
            desk.start()
        eventually(lambda: len(desk.pages_read()) == 2)
        desk.wait_for(good)
        desk.wait_for(bad, "failed")

        assert desk.ask("forget", str(bad)) == (0, f"{bad} is forgotten.\n")
        assert desk.why(bad)["state"] == "forgotten"
        assert desk.ask("retry", "--all") == (0, "0 files will be tried again.\n")


@pytest.mark.parametrize("verb", ["retry", "reprocess", "forget"])
def test_orders_for_an_unknown_file_end_with_2(running: Desk, verb: str) -> None:
    code, said = running.ask(verb, str(running.inbox / "nobody.png"))

    assert code == 2
    assert "gotwatch why" in said


def test_a_pause_without_a_daemon_holds_the_next_one(desk: Desk) -> None:
    assert desk.ask("pause", "--for", "1h")[1].startswith("Paused until ")

    desk.start()

    assert desk.status()["state"] == "paused"
    assert desk.ask("status")[1].startswith("gotwatch: paused until ")


def test_a_command_that_meets_a_starting_daemon_waits_for_its_answer(desk: Desk) -> None:
    desk.daemon = desk.launch("run")

    codes = [desk.ask("pause")[0] for _ in range(20)]
    eventually(lambda: desk.status()["state"] == "paused")

    assert codes == [0] * 20
    assert desk.daemon.poll() is None


def test_status_prints_what_a_person_asks_for(running: Desk) -> None:
    running.wait_for(image(running.inbox / "status/page.png"))

    code, said = running.ask("status")

    assert code == 0
    lines = said.splitlines()
    assert lines[0] == "gotwatch: idle"
    assert any(line.startswith("Files:   ") and " done" in line for line in lines)
    assert f"Folder:  {running.inbox}: watching, by events" in lines
    assert any(line.startswith("Engine:  tests.engines:EchoEngine, echo-1 on none; in memory (") for line in lines)
    assert any(f"done: {running.inbox / 'status/page.png'} (1 page)" in line for line in lines)
