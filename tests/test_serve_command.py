"""gotwatch serve, and a daemon that answers over HTTP too, as whole programs."""

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.desk import Desk, document, eventually
from tests.served import in_base64, png

AT = re.compile(r"http://\S+:\d+")


@contextmanager
def serve(desk: Desk, *options: str) -> Iterator[str]:
    """The address of a `gotwatch serve` with --port 0."""
    process = desk.launch("serve", "--port", "0", *options)
    try:
        eventually(lambda: process.poll() is not None or AT.search(_said(desk)))
        found = AT.search(_said(desk))
        assert found, _said(desk)
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, _said(desk)


def _said(desk: Desk) -> str:
    return desk.stderr.read_text("utf-8") if desk.stderr.exists() else ""


def post(url: str, content: bytes, **fields: object) -> requests.Response:
    return requests.post(f"{url}/ocr", json={"image": in_base64(content), **fields}, timeout=60)


def test_serve_reads_without_folders_and_keeps_pages_beside_its_state(desk: Desk) -> None:
    desk.config.unlink()
    desk.config.write_text('[engine]\nname = "tests.engines:EchoEngine"\n', "utf-8")

    with serve(desk) as url:
        answer = post(url, png(), render=True, save_render_file="1.html")
        assert requests.get(f"{url}/ready", timeout=30).status_code == 200

    assert answer.json() == "Page 1\n\n300x160 ffffff"
    assert "300x160" in (desk.state / "results" / "1.html").read_text("utf-8")


def test_serve_starts_the_engine_before_anybody_calls(desk: Desk) -> None:
    with serve(desk) as url:
        eventually(lambda: "gotwatch_engine_loaded 1.0" in requests.get(f"{url}/metrics", timeout=30).text)


def test_serve_for_other_machines_ends_with_2_without_a_token(desk: Desk) -> None:
    done = desk.command("serve", "--host", "0.0.0.0", "--port", "0")

    assert done.returncode == 2
    assert "that needs a token" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_over_http_does_not_wait_for_the_documents_in_the_folders(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run("SlowEngine", more="[server]\nenabled = true\nport = 0")
        url = desk.status()["http"]
        assert f"{url}/ocr" in desk.ask("status")[1]
        long = document(desk.inbox / "long.pdf", 40)
        eventually(lambda: desk.page_in_work(long) == 2)

        answer = post(url, png(width=320))

        assert answer.json().startswith("Page 1")
        assert 0 < desk.page_in_work(long) < 40
        assert len(desk.status()["engine"]["pids"]) == 1


def test_the_engine_killed_with_20_requests_in_flight_costs_nobody_an_answer(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.run("WaitingForLeaveEngine", more="[server]\nenabled = true\nport = 0")
        url = desk.status()["http"]

        with ThreadPoolExecutor(20) as callers:
            answers = callers.map(lambda width: post(url, png(width=width)), range(300, 320))
            eventually(lambda: (metric(url, "gotwatch_requests"), metric(url, "gotwatch_pages_in_engine")) == (20, 4))
            engine = desk.engine()
            assert engine
            engine.kill()
            desk.weights.touch()
            texts = [answer.json() for answer in answers]

        assert texts == [f"Page 1\n\n{width}x160 ffffff" for width in range(300, 320)]
        assert post(url, png()).status_code == 200


def metric(url: str, name: str) -> float:
    lines = requests.get(f"{url}/metrics", timeout=30).text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))
