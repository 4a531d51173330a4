"""What no caller may do to others: large, slow, half and many requests, and callers who leave."""

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import psutil
import pytest

from gotwatch.server import bodies, listener
from tests.served import Served, answer_to, in_base64, pdf, png, request_bytes, serving

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), body_megabytes=1) as served:
        yield served


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Its engine has one slot, and is at page 2 of a document until nobody wants it any more."""
    with serving(tmp_path_factory.mktemp("patient"), "PatientEngine", requests=2) as served:
        yield served


def still_serves(served: Served) -> bool:
    return served.post({"image": in_base64(png())}).status_code == 200


def test_a_request_that_says_it_is_too_large_is_refused_at_once(served: Served) -> None:
    head = request_bytes(served, {}).replace(b"Content-Length: 2", b"Content-Length: 900000000")

    answer = answer_to(served, head)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"error":"TooLarge"' in answer


def test_a_request_that_turns_out_too_large_is_refused(served: Served) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 50_000

    answer = served.http.post(f"{served.url}/ocr", content=parts(), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert still_serves(served)


def test_a_large_request_gets_its_refusal_although_it_is_still_sending(served: Served) -> None:
    answer = served.post({"image": "A" * 3_000_000})

    assert answer.status_code == 413
    assert "1 MB" in answer.json()["message"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ],
    ids=["TLS", "no address", "a version to come", "two hosts"],
)
def test_what_is_no_request_is_malformed_or_cut(served: Served, sent: bytes) -> None:
    answer = answer_to(served, sent)

    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403")), answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2]).keys() == {"error", "message", "hint"}


def test_two_lengths_in_one_request_are_malformed(served: Served) -> None:
    sent = request_bytes(served, {}, head="Content-Length: 5")

    assert answer_to(served, sent).startswith(b"HTTP/1.1 400")


def test_half_a_body_costs_nobody_anything(served: Served, eventually: Eventually) -> None:
    sent = request_bytes(served, {"image": in_base64(png())})

    for _ in range(20):
        with closing(served.connect()) as connection:
            connection.sendall(sent[: len(sent) // 2])

    assert still_serves(served)
    eventually(lambda: served.metric("gotwatch_requests") == 0)


def test_a_body_that_stops_coming_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "CHUNK_SECONDS", 0.2)
    sent = request_bytes(served, {"image": in_base64(png())})

    answer = answer_to(served, sent[:-10])

    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"error":"TooSlow"' in answer


def test_a_body_that_trickles_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WHOLE_SECONDS", 0.5)
    sent = request_bytes(served, {"image": in_base64(png())})
    with closing(served.connect()) as connection:
        connection.sendall(sent[:200])
        deadline = time.monotonic() + 10
        connection.settimeout(0.05)
        answer = b""
        for byte in sent[200:]:
            with suppress(TimeoutError):
                answer = connection.recv(100)
            if answer or time.monotonic() > deadline:
                break
            connection.sendall(bytes([byte]))

    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("sent", [b"", b"POST /ocr HT", b"POST /ocr HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_a_connection_that_does_not_say_what_it_wants_is_cut(
    served: Served, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(listener, "HEADER_SECONDS", 0.2)
    began = time.monotonic()

    with closing(served.connect()) as connection:
        connection.sendall(sent)
        with suppress(ConnectionError):
            assert connection.recv(100) == b""

    assert time.monotonic() - began < 5


def test_a_caller_who_does_not_take_the_answer_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "WRITE_SECONDS", 0.3)
    with serving(tmp_path, "LongWindedEngine") as served, closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", served.port))
        connection.sendall(request_bytes(served, {"image": in_base64(png())}))
        connection.settimeout(20)

        assert _is_cut(connection)


def _is_cut(connection: socket.socket) -> bool:
    """Whether the other side ends the connection before it has sent what it announced. Takes nothing for a while."""
    time.sleep(1.5)  # in which nothing is taken: it is the wait that is under test
    received = 0
    try:
        while more := connection.recv(1 << 20):
            received += len(more)
    except ConnectionError:
        return True
    return received < 20_000_000


def test_when_as_many_are_inside_as_may_be_the_next_is_put_off(patient: Served, eventually: Eventually) -> None:
    sent = request_bytes(patient, {"image": in_base64(pdf(2))})
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(closing(patient.connect())).sendall(sent)
        eventually(lambda: patient.metric("gotwatch_requests") == 2)

        answer = patient.post({"image": in_base64(png())})

    assert answer.status_code == 503
    assert answer.json()["error"] == "ServerBusy"
    assert int(answer.headers["retry-after"]) > 0
    eventually(lambda: patient.metric("gotwatch_requests") == 0)


def test_a_caller_who_hangs_up_frees_the_slot(patient: Served, eventually: Eventually) -> None:
    with closing(patient.connect()) as connection:
        connection.sendall(request_bytes(patient, {"image": in_base64(pdf(2))}))
        eventually(lambda: patient.metric("gotwatch_pages_in_engine") == 1 and patient.desk.room.fleet.work.pages > 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # no farewell

    assert still_serves(patient)
    eventually(lambda: patient.metric("gotwatch_requests") == 0)


def test_a_request_that_takes_too_long_is_ended_and_its_slot_is_free(tmp_path: Path, eventually: Eventually) -> None:
    with serving(tmp_path, "PatientEngine", request_seconds=3.0) as served:
        answer = served.post({"image": in_base64(pdf(2))})

        assert (answer.status_code, answer.json()["error"]) == (504, "EngineTimeout")
        eventually(lambda: still_serves(served))


def test_a_burst_of_connections_leaves_the_server_as_it_was(served: Served, eventually: Eventually) -> None:
    assert still_serves(served)  # its readers and its engine are there, and have their files
    files_before = psutil.Process().num_fds()
    with ExitStack() as stack:
        for number in range(10_000):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", served.port))
            if number < 300:  # ours are files of the same process, of which there are not many more
                stack.enter_context(closing(connection))
            else:
                connection.close()

    assert still_serves(served)
    eventually(lambda: psutil.Process().num_fds() <= files_before + 5)


def test_many_callers_at_once_each_get_the_answer_that_one_alone_gets(served: Served) -> None:
    bodies_by_width = {width: {"image": in_base64(png(width=width))} for width in range(300, 316)}
    alone = {width: served.post(body).json() for width, body in bodies_by_width.items()}

    def call(number: int) -> bool:
        width = 300 + number % 16
        return bool(served.post(bodies_by_width[width]).json() == alone[width])

    with ThreadPoolExecutor(16) as callers:
        assert all(callers.map(call, range(96)))
