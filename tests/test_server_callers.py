"""Who may call: loopback alone without a token, under our own name, from no other site's page, with JSON."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gotwatch.errors import ConfigError, UsageError
from gotwatch.server.callers import callers, is_loopback
from gotwatch.server.listener import Listener
from gotwatch.tokens import read_token
from tests.served import Served, answer_to, in_base64, png, request_bytes, serving

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Listens for other machines too, and asks for a token."""
    root = tmp_path_factory.mktemp("guarded")
    with serving(root, host="0.0.0.0", token_file=str(token_file(root)), hosts=("ocr.example",)) as served:
        yield replace(served, url=served.url.replace("0.0.0.0", "127.0.0.1"))


def token_file(folder: Path, token: str = TOKEN, mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_text(f"{token}\n", "ascii")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "localhost."])
def test_this_machine_s_own_names_are_answered(served: Served, host: str) -> None:
    assert served.get("/health", Host=f"{host}:{served.port}").status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "", "a b"]
)
def test_a_name_that_was_bound_to_our_address_by_a_stranger_is_not_answered(served: Served, host: str) -> None:
    for path in ("/health", "/metrics", "/docs", "/ocr", "/nowhere"):
        answer = served.get(path, Host=host)

        assert answer.status_code == 403, path
        assert answer.json()["error"] == "NotAllowed"


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://127.0.0.1:1", "file://"])
def test_pages_of_other_sites_are_not_answered(served: Served, origin: str) -> None:
    answer = served.post({"image": in_base64(png())}, Origin=origin)

    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_our_own_page_is_answered(served: Served) -> None:
    assert served.post({"image": in_base64(png())}, Origin=served.url).status_code == 200


def test_a_browser_s_question_whether_it_may_is_not_answered_with_yes(served: Served) -> None:
    headers = {"Origin": "https://attacker.example", "Access-Control-Request-Method": "POST"}

    answer = served.http.options(f"{served.url}/ocr", headers=headers)

    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_not_taken(served: Served, content_type: str) -> None:
    content = request_bytes(served, {"image": in_base64(png())}).partition(b"\r\n\r\n")[2]

    answer = served.http.post(f"{served.url}/ocr", content=content, headers={"Content-Type": content_type})

    assert answer.status_code == 415
    assert answer.json().keys() == {"error", "message", "hint"}


def test_json_with_a_charset_is_json(served: Served) -> None:
    answer = served.post({"image": in_base64(png())}, **{"Content-Type": "Application/JSON; charset=utf-8"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN} x",
    ],
)
def test_without_the_token_nothing_is_read_and_nothing_is_told(guarded: Served, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    answers = [guarded.post({"image": in_base64(png())}, **headers), guarded.get("/metrics", **headers)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert answers[0].json()["error"] == "NotAllowed"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_with_the_token_the_text_comes(guarded: Served, scheme: str) -> None:
    answer = guarded.post({"image": in_base64(png())}, Authorization=f"{scheme} {TOKEN}")

    assert answer.status_code == 200


def test_health_and_the_manual_need_no_token(guarded: Served) -> None:
    paths = ("/health", "/ready", "/docs", "/openapi.json")

    assert [guarded.get(path).status_code for path in paths] == [200] * 4


@pytest.mark.parametrize(
    "host", ["ocr.example:80", "OCR.example", socket.gethostname(), "192.0.2.7:8765", "[2001:db8::1]"]
)
def test_for_other_machines_it_goes_by_its_names_and_any_address(guarded: Served, host: str) -> None:
    assert guarded.get("/health", Host=host).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_an_address_for_other_machines_is_refused_without_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match="needs a token"):
        callers(host, "", ())


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_only_this_machine_s_own_addresses_are_its_own(host: str, own: bool) -> None:
    assert is_loopback(host) == own


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
def test_a_token_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="Others can read") as caught:
        read_token(token_file(tmp_path, mode=mode))

    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("token", ["", "short", "two words that are long enough", "a" * 15])
def test_a_token_that_is_no_secret_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(ConfigError, match="is no word of 16 characters"):
        read_token(token_file(tmp_path, token))


def test_a_token_file_that_is_not_there_is_refused_with_the_line_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no token file") as caught:
        read_token(tmp_path / "none")

    assert f"openssl rand -hex 32 > {tmp_path / 'none'}" in caught.value.hint


def test_a_port_that_is_taken_is_told_at_start(served: Served) -> None:
    with pytest.raises(UsageError, match="cannot listen"):
        Listener("127.0.0.1", served.port).open(_nobody)


async def _nobody(*_: object) -> None:
    """An app that is never called."""


def test_a_request_without_a_host_is_not_answered(served: Served) -> None:
    sent = request_bytes(served, {"image": in_base64(png())}).replace(f"Host: {served.host}\r\n".encode(), b"")

    answer = answer_to(served, sent.replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert answer.startswith(b"HTTP/1.1 403")
