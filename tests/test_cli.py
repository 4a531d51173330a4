"""The commands as they are typed, with and without a running gotwatch."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gotwatch.cli.daemon import End
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
        desk.run(watch='ignore = ["drafts/"]', limits="give_up_seconds = 0")
        yield desk


def test_help_imports_none_of_the_heavy_libraries() -> None:
    program = "import sys; from gotwatch.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True
    )

    assert "Watch the folders and read what comes." in done.stdout
    assert HEAVY & set(done.stderr.split()) == set()


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


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signals")
def test_the_end_may_be_asked_for_in_the_middle_of_the_wait_for_it() -> None:
    waiting = End()

    # With an Event a SIGTERM right after the start now and then locked the daemon up: its handler, which runs in the
    # thread that waits, waited for the lock that this very thread held.
    before = signal.signal(signal.SIGALRM, lambda *_: waiting.set())
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for _ in range(200):
            while not waiting.wait(0):
                pass
            waiting = End()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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


def test_init_writes_a_config_that_checks_and_runs(tmp_path: Path) -> None:
    folder, output, config = tmp_path / "my scans", tmp_path / "texts", tmp_path / "conf/gotwatch.toml"
    with Desk(tmp_path) as desk:
        desk.config = config

        code, said = desk.ask("init", "--folder", str(folder), "--output", str(output))

        assert code == 0
        assert f"Wrote {config}" in said
        assert folder.is_dir()
        assert desk.ask("config", "check")[0] == 0
        assert desk.command("once").returncode == 0


def test_init_goes_over_no_config(desk: Desk) -> None:
    before = desk.config.read_text("utf-8")

    code, said = desk.ask("init")

    assert code == 2
    assert "There is a config already" in said
    assert desk.config.read_text("utf-8") == before


def test_init_leaves_no_config_that_cannot_run(desk: Desk) -> None:
    desk.config = desk.root / "new.toml"

    code, said = desk.ask("init", "--folder", str(desk.inbox), "--output", str(desk.inbox / "texts"))

    assert code == 2
    assert "lies inside the watched folder" in said
    assert not desk.config.exists()


def test_init_takes_relative_folders_from_where_one_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.root)
    desk.config = desk.root / "deeper/new.toml"

    assert desk.ask("init", "--folder", "scans", "--output", "texts")[0] == 0

    assert (desk.root / "scans").is_dir()


def test_init_that_cannot_write_says_so(desk: Desk) -> None:
    (desk.root / "file").touch()
    desk.config = desk.root / "file/new.toml"

    code, said = desk.ask("init", "--folder", str(desk.root / "a"), "--output", str(desk.root / "b"))

    assert code == 2
    assert "cannot be written" in said


@pytest.mark.parametrize("command", ["run", "once", "config check"])
def test_an_error_in_the_config_ends_with_2_and_names_the_line(desk: Desk, command: str) -> None:
    desk.config.write_text('[[watch]]\nfolder = "in"\noutput = "out"\nquite_seconds = 1\n', "utf-8")

    done = desk.command(*command.split())

    assert done.returncode == 2
    assert "line 4" in done.stderr
    assert "'quiet_seconds'" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no folder to watch"),
        ('[[watch]]\nfolder = "nowhere"\noutput = "out"\n', "does not exist"),
        ('[[watch]]\nfolder = "in"\noutput = "in/out"\n', "lies inside the watched folder"),
        ('[[watch]]\nfolder = "in"\noutput = "out"\n[engine]\nname = "paddel"\n', "paddle"),
    ],
)
def test_a_config_that_cannot_run_is_refused_at_the_start(desk: Desk, text: str, words: str) -> None:
    desk.config.write_text(text, "utf-8")

    done = desk.command("run")

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_folder_that_cannot_be_made_ends_with_5(desk: Desk) -> None:
    (desk.root / "file").touch()
    desk.state = desk.root / "file/state"

    for command in ("run", "pause"):
        done = desk.command(command)

        assert done.returncode == 5
        assert "Choose another with --state-dir." in done.stderr


def test_doctor_finds_a_sound_installation_sound(running: Desk) -> None:
    code, said = running.ask("doctor", "--json")

    findings = {finding["subject"]: finding for finding in json.loads(said)}
    assert code == 0
    assert findings["daemon"]["message"] == "running"
    assert findings["queue"]["message"] == "sound"
    assert all(finding["grade"] != "wrong" for finding in findings.values())
    assert "EchoEngine" in running.ask("doctor")[1]


def test_doctor_ends_with_3_and_a_mend_for_each_thing_that_is_wrong(desk: Desk) -> None:
    desk.inbox.rmdir()
    desk.state.mkdir()
    (desk.state / "queue.sqlite3").write_bytes(b"SQLite format 3\0" + b"torn" * 2000)

    code, said = desk.ask("doctor", "--json")

    wrong = {finding["subject"]: finding["mend"] for finding in json.loads(said) if finding["grade"] == "wrong"}
    assert code == 3
    assert set(wrong) == {f"folder {desk.inbox}", "queue"}
    assert all(wrong.values())


def test_doctor_sees_folders_that_cannot_be(desk: Desk) -> None:
    (desk.root / "file").touch()
    desk.state = desk.root / "file/state"
    desk.config.write_text('[[watch]]\nfolder = "in"\noutput = "file/out"\n', "utf-8")

    code, said = desk.ask("doctor", "--json")

    wrong = {finding["subject"] for finding in json.loads(said) if finding["grade"] == "wrong"}
    assert code == 3
    assert wrong == {"state", f"output {desk.root / 'file/out'}"}


def test_doctor_examines_without_a_config_too(desk: Desk) -> None:
    desk.config.unlink()

    code, said = desk.ask("doctor")

    assert code == 3
    assert "gotwatch init" in said


def test_log_prints_the_last_lines(running: Desk) -> None:
    code, said = running.ask("log", "-n", "1")

    assert code == 0
    assert said.count("\n") == 1
    assert "watching" in running.ask("log", "-n", "1000")[1]


def test_log_before_the_first_run_says_who_writes_it(desk: Desk) -> None:
    code, said = desk.ask("log")

    assert code == 2
    assert "gotwatch run" in said


def test_log_can_be_followed_over_the_beginning_of_a_new_file(desk: Desk) -> None:
    desk.state.mkdir()
    log = desk.state / "gotwatch.log"
    log.write_text("one\ntwo\n", "utf-8")
    command = [sys.executable, "-m", "gotwatch", "--state-dir", str(desk.state), "log", "-f", "-n", "1"]

    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, env=desk.environment()) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == b"two\n"
        log.rename(desk.state / "gotwatch.log.1")
        log.write_text("3\n", "utf-8")
        assert following.stdout.readline() == b"3\n"
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 130


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
