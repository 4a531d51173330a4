"""Commands in Chinese."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gotwatch import words
from gotwatch.cli import terminal
from tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv(words.VARIABLE, raising=False)
    with Desk(tmp_path) as desk:
        desk.configure()
        desk.config.write_text(desk.config.read_text("utf-8") + '[messages]\nlanguage = "zh_CN"\n', "utf-8")
        yield desk


def test_a_command_speaks_the_language_of_its_config(desk: Desk) -> None:
    asked = desk.command("why", str(desk.root / "elsewhere.png"))
    refused = desk.command("retry", str(desk.root / "elsewhere.png"))

    assert asked.stdout.splitlines()[-1] == "它不在任何监视的文件夹中。"
    assert refused.stderr.startswith("gotwatch: gotwatch 不知道 ")
    assert refused.returncode == 2


def test_a_mistake_in_the_config_is_told_in_its_language_with_its_line(desk: Desk) -> None:
    text = desk.config.read_text("utf-8")
    desk.config.write_text(text.replace("quiet_seconds", "quiet_secnds"), "utf-8")

    said = desk.command("once").stderr

    assert f"{desk.config} 第 4 行: 未知的设置 'quiet_secnds'。你是指 'quiet_seconds' 吗？" in said


def test_what_is_for_programs_stays_english(desk: Desk) -> None:
    record = json.loads(desk.command("why", "--json", str(desk.root / "elsewhere.png")).stdout)

    assert (record["state"], record["why"]) == ("unknown", "It lies in no watched folder.")


def test_help_is_in_the_language_of_the_config_and_the_next_is_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, chinese = desk.ask("pause", "--help")
    monkeypatch.setenv(words.VARIABLE, words.ENGLISH)
    _, english = desk.ask("pause", "--help")

    assert "重启后暂停依然有效。" in chinese
    assert "It lasts over a restart." in english


def test_the_status_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(words.VARIABLE, words.CHINESE)
    status: dict[str, Any] = {
        "state": "held",
        "held_reason": "/out is gone. Connect the disk or network share again, or create the folder.",
        "current": [{"path": "/in/a.pdf", "page": 3, "pages": 12, "seconds_left": 120.0}],
        "queue": {"queued": 2, "done_with_warnings": 1},
        "folders": [
            {
                "path": "/in",
                "state": "watching",
                "detection": "poll",
                "why": "a cifs volume does not tell of all changes",
                "online_only": 3,
            }
        ],
    }

    assert terminal.status_text(status).splitlines() == [
        "gotwatch：已停住。/out 不见了。请重新连接磁盘或网络共享，或创建该文件夹。",
        "正在识别：/in/a.pdf，第 3 页，共 12 页，约剩 2 分钟",
        "文件：  2 排队中, 1 已完成（有警告）",
        "文件夹：/in：正在监视，方式：轮询 (cifs 卷不会通知所有变化)；3 个文件仅在云端",
    ]
