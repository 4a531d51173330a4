"""The commands around config and installation: init, config check, doctor, log."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import REPOSITORY, Desk


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


def test_doctor_tells_the_device_the_precision_and_the_memory(desk: Desk) -> None:
    desk.configure(engine_settings='device = "cpu"\nprecision = "int8"\nmemory_share = 0.5')

    findings = {finding["subject"]: finding["message"] for finding in json.loads(desk.ask("doctor", "--json")[1])}

    assert findings["device"] == "cpu; precision int8; at most 50% of its free memory"
    assert findings["memory"].endswith(" GiB free")


def test_doctor_tells_who_may_read_over_http(desk: Desk) -> None:
    told = []
    for host in ("127.0.0.1", "0.0.0.0"):
        desk.configure(more=f'[server]\nenabled = true\nhost = "{host}"')
        findings = {finding["subject"]: finding for finding in json.loads(desk.ask("doctor", "--json")[1])}
        told.append((findings["server"]["grade"], findings["server"]["message"]))

    assert told[0] == ("good", "POST /ocr at 127.0.0.1, port 8765, without a token")
    assert told[1][0] == "wrong"
    assert "needs a token" in told[1][1]


def test_doctor_tells_of_a_folder_that_the_engine_in_use_cannot_read_as_asked(desk: Desk) -> None:
    desk.config.write_text(
        '[[watch]]\nfolder = "in"\noutput = "out"\ncrop = true\n[engine]\nname = "paddle"\n', "utf-8"
    )

    code, said = desk.ask("doctor")

    assert code == 3
    assert f'wrong   folder {desk.inbox}: The engine "paddle" cannot be asked for crop' in said


def test_config_check_tells_how_each_folder_is_read(desk: Desk) -> None:
    desk.configure(watch='mode = "format"\ncrop = true')

    code, said = desk.ask("config", "check")

    assert code == 0
    assert f"{desk.inbox}  ->  {desk.out}  (format; crop; txt, html)" in said


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
