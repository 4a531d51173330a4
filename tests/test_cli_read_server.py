"""gotwatch read --server."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import bad_files
from tests.desk import Desk, document, image
from tests.served import Served, serving

TOKEN = "0123456789abcdef"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


def test_a_server_reads_the_files_and_the_time_that_it_took_is_told(desk: Desk, served: Served) -> None:
    source = document(desk.root / "two.pdf", 2)

    done = desk.command("read", "--server", served.url, str(source))

    assert done.returncode == 0, done.stderr
    assert [page.split("\n")[0] for page in done.stdout.split("\f\n")] == ["Page 1", "Page 2"]
    assert re.fullmatch(r"two\.pdf: 2 pages in \d+\.\d\d s, by tests\.engines:EchoEngine \(echo-1\)\n", done.stderr)
    assert desk.pages_read() == []


def test_as_json_there_is_the_time_too_and_errors_beside_results(desk: Desk, served: Served) -> None:
    good, bad = image(desk.root / "good.png"), bad_files.encrypted_pdf(desk.root)

    done = desk.command("read", "--server", served.url, "--json", str(bad), str(good))

    records = json.loads(done.stdout)
    assert done.returncode == 3
    assert "needs a password" in records[0]["error"]["message"]
    assert records[1]["engine"] == "tests.engines:EchoEngine"
    assert records[1]["seconds"] >= 0
    assert records[1]["pages"][0]["text"].startswith("Page 1")


def test_what_is_asked_reaches_the_server(desk: Desk, tmp_path: Path) -> None:
    with serving(tmp_path, "RepeatingEngine") as served:
        code, said = desk.ask(
            "read", "--server", served.url, "--mode", "format", "--crop", str(image(desk.root / "a.png"))
        )

    assert code == 0
    assert "format; crop in auto on auto" in said


def test_a_server_with_a_token_is_told_it_from_a_file(desk: Desk, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN, "ascii")
    token.chmod(0o600)
    source = str(image(desk.root / "a.png"))
    with serving(tmp_path, token_file=str(token)) as served:
        without = desk.ask("read", "--server", served.url, source)
        with_it = desk.ask("read", "--server", served.url, "--token-file", str(token), source)

    assert without[0] == 2
    assert "A token is needed" in without[1]
    assert with_it[0] == 0


def test_several_pages_can_be_read_in_one_go_there(desk: Desk, tmp_path: Path) -> None:
    source = document(desk.root / "two.pdf", 2)
    with serving(tmp_path, "RepeatingEngine") as served:
        code, said = desk.ask("read", "--server", served.url, "--multi-page", str(source))

    assert code == 0
    assert said.startswith("two.pdf: 2 pages in ")
    assert said.endswith("\nformat; multi page in auto on auto\n")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--server", "http://127.0.0.1:9"], 4, "No answer from http://127.0.0.1:9"),
        (["--server", "nonsense"], 2, "is no address of a server"),
        (["--server", "http://127.0.0.1:9", "--engine", "got"], 2, "The server chooses its engine"),
    ],
)
def test_what_a_server_cannot_be_asked_is_told(desk: Desk, options: list[str], code: int, words: str) -> None:
    got, said = desk.ask("read", *options, str(image(desk.root / "a.png")))

    assert (got, words in said) == (code, True), said
    assert "Traceback" not in said
