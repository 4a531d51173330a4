"""The engine that lets other machines read: each page once, by whoever has least to do and is there."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest
from PIL import Image

from gotwatch.documents import Finish, Mode, PageImage, PageText, Prompt
from gotwatch.engine import remote
from gotwatch.engine.base import EngineOptions
from gotwatch.engine.remote import RemoteEngine
from gotwatch.errors import EngineCrashed, NoServer, ServerBusy, Unsupported
from tests.desk import Desk, document
from tests.other_servers import OtherServer, busy, busy_twice, failing, other_server, the_text
from tests.served import Served, serving
from tests.test_serve_command import serve

Eventually = Callable[[Callable[[], object]], None]
EngineOf = Callable[..., RemoteEngine]
NOWHERE = "http://127.0.0.1:9"  # nobody listens at that port


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), "RepeatingEngine") as served:
        yield served


@pytest.fixture
def engine_of() -> Iterator[EngineOf]:
    """Makes engines that let these servers read, and hang up at the end of the test."""
    engines: list[RemoteEngine] = []

    def make(*servers: str, page_seconds: float = 20.0, token_file: str = "") -> RemoteEngine:
        engine = RemoteEngine(EngineOptions(servers=servers, page_seconds=page_seconds, token_file=token_file))
        if not token_file:
            engines.append(engine)
        engine.load(lambda _line: None)
        return engine

    yield make
    for engine in engines:
        engine.close()


def page(number: int = 1, width: int = 60) -> PageImage:
    image = Image.new("RGB", (width, 40), "white")
    image.paste("black", (5, 5, 30, 20))
    return PageImage(number, image.width, image.height, memoryview(image.tobytes()))


def read(engine: RemoteEngine, number: int = 1, prompt: Prompt | None = None) -> PageText:
    return engine.read([page(number)], prompt or Prompt(), Event())


def read_many(engine: RemoteEngine, count: int) -> list[PageText]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda number: read(engine, number), range(1, count + 1)))


def test_a_page_comes_back_with_its_number_and_all_that_the_server_told(engine_of: EngineOf, served: Served) -> None:
    text = read(engine_of(served.url), 7, Prompt(Mode.FORMAT, crop=True))

    assert (text.number, text.count, text.markup) == (7, 1, "format; crop in auto on auto")
    assert (text.ids, text.checkpoint, text.finish) == ((7, 8, 9), "echo-1", Finish.STOP)
    assert text.least_confidence == pytest.approx(0.67)


def test_pages_in_one_go_are_one_request(engine_of: EngineOf, served: Served) -> None:
    engine = engine_of(served.url)

    text = engine.read([page(3), page(4)], Prompt(Mode.FORMAT, multi_page=True), Event())

    assert (text.number, text.count, text.markup) == (3, 2, "format; multi page in auto on auto")


def test_pixels_arrive_as_they_were_sent(engine_of: EngineOf, tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert read(engine_of(served.url)).markup == "Page 1\n\n60x40 ffffff"


def test_what_is_written_there_is_told_here_while_it_is_written(engine_of: EngineOf, tmp_path: Path) -> None:
    told: list[str] = []
    with serving(tmp_path, "SpellingEngine") as served:
        text = engine_of(served.url).read_aloud([page()], Prompt(), Event(), told.append)

    assert told[:3] == ["what", "P", "Pa"]
    assert told[-1] == text.markup


def test_any_server_that_keeps_to_the_contract_will_do(engine_of: EngineOf) -> None:
    with other_server(the_text) as other:
        text = read(engine_of(other.url), 5)

    assert (text.number, text.markup, text.checkpoint) == (5, "Invoice 2031", "remote")
    assert other.asked[0].keys() == {"image", "ocr_type"}


def test_pages_go_to_the_server_with_least_to_do(engine_of: EngineOf) -> None:
    with other_server(the_text, seconds=0.4) as one, other_server(the_text, seconds=0.4) as two:
        texts = read_many(engine_of(one.url, two.url), 12)

    assert [text.number for text in texts] == list(range(1, 13))
    assert (len(one.asked), len(two.asked)) == (6, 6)
    assert (one.most_at_once, two.most_at_once) == (6, 6)


def test_a_server_that_fails_is_left_out_and_its_pages_go_to_another(engine_of: EngineOf) -> None:
    with other_server(failing) as bad, other_server(the_text) as good:
        engine = engine_of(bad.url, good.url)
        texts = [read(engine, number) for number in range(1, 6)]

    assert [text.markup for text in texts] == ["Invoice 2031"] * 5
    assert (len(bad.asked), len(good.asked)) == (1, 5)


def test_a_server_that_is_left_out_is_asked_again_after_a_while(
    engine_of: EngineOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "REST_SECONDS", 0.0)
    with other_server(failing) as bad, other_server(the_text) as good:
        engine = engine_of(bad.url, good.url)
        for number in range(1, 4):
            read(engine, number)

    assert len(bad.asked) == 3


def test_a_server_that_is_not_there_at_the_start_costs_nothing(engine_of: EngineOf, served: Served) -> None:
    assert read(engine_of(NOWHERE, served.url)).markup == "plain in auto on auto"


def test_busy_servers_are_waited_for(engine_of: EngineOf) -> None:
    with other_server(busy_twice) as other:
        assert read(engine_of(other.url)).markup == "Invoice 2031"


def test_where_one_is_busy_another_reads(engine_of: EngineOf) -> None:
    with other_server(busy) as full, other_server(the_text) as free:
        engine = engine_of(full.url, free.url)
        for number in range(1, 4):
            read(engine, number)

    assert len(free.asked) == 3


def test_pages_are_given_back_where_all_servers_stay_busy(engine_of: EngineOf) -> None:
    with other_server(busy) as other, pytest.raises(ServerBusy):
        read(engine_of(other.url, page_seconds=1.0))


def test_without_any_server_it_cannot_be_loaded(engine_of: EngineOf) -> None:
    with pytest.raises(NoServer, match=NOWHERE):
        engine_of(NOWHERE)


def test_when_all_servers_are_gone_a_page_was_sent_once_to_each_and_the_queue_is_held(
    engine_of: EngineOf,
) -> None:
    with other_server(failing) as one, other_server(failing) as two:
        engine = engine_of(one.url, two.url)

        with pytest.raises(NoServer):
            read(engine)

        assert (len(one.asked), len(two.asked)) == (1, 1)


def test_when_a_server_is_back_the_next_page_finds_it(engine_of: EngineOf) -> None:
    states = [failing, failing, the_text]

    def in_turn(server: OtherServer) -> tuple[int, dict[str, str], object]:
        return states[min(len(server.asked), len(states)) - 1](server)

    with other_server(in_turn) as other:
        engine = engine_of(other.url)
        for _ in range(2):
            with pytest.raises(NoServer):
                read(engine)

        assert read(engine).markup == "Invoice 2031"


def test_what_a_server_says_of_the_page_itself_is_said_here_and_to_no_other_server(engine_of: EngineOf) -> None:
    def gives_up(_: OtherServer) -> tuple[int, dict[str, str], object]:
        return 500, {}, {"error": "EngineCrashed", "message": "It ended twice", "hint": ""}

    def cannot(_: OtherServer) -> tuple[int, dict[str, str], object]:
        return 422, {}, {"error": "UsageError", "message": "cannot be asked for crop", "hint": ""}

    with other_server(gives_up) as one, pytest.raises(EngineCrashed, match="It ended twice"):
        read(engine_of(one.url))
    with other_server(cannot) as two, pytest.raises(Unsupported, match="cannot be asked for crop"):
        read(engine_of(two.url), 1, Prompt(crop=True))


def test_a_page_that_nobody_wants_any_more_is_taken_back(
    engine_of: EngineOf, tmp_path: Path, eventually: Eventually
) -> None:
    cancelled = Event()
    with serving(tmp_path, "NeverEngine") as served, ExitStack() as stack:
        engine = engine_of(served.url)
        reading = threading.Thread(target=lambda: engine.read([page()], Prompt(), cancelled))
        reading.start()
        stack.callback(reading.join)
        eventually(lambda: served.metric("gotwatch_pages_in_engine") == 1)

        cancelled.set()

        eventually(lambda: served.metric("gotwatch_requests") == 0)
        eventually(lambda: served.metric("gotwatch_pages_in_engine") == 0)


def test_a_token_that_others_can_read_holds_the_queue(engine_of: EngineOf, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef", "ascii")
    token.chmod(0o644)

    with pytest.raises(NoServer, match="Others can read"):
        engine_of(NOWHERE, token_file=str(token))


def test_a_daemon_is_held_while_its_server_is_gone_and_reads_each_page_once(tmp_path: Path) -> None:
    (tmp_path / "gpu").mkdir()
    (tmp_path / "laptop").mkdir()
    with Desk(tmp_path / "gpu") as gpu, Desk(tmp_path / "laptop") as laptop:
        gpu.configure("BriskEngine")
        with serve(gpu) as url:
            laptop.configure("EchoEngine", engine_settings=f'servers = ["{url}"]')
            laptop.config.write_text(
                laptop.config.read_text("utf-8").replace("tests.engines:EchoEngine", "remote"), "utf-8"
            )
            laptop.start()
            first = document(laptop.inbox / "first.pdf", 3)
            laptop.wait_for(first)
        second = document(laptop.inbox / "second.pdf", 4)

        held = laptop.wait_until_held()
        assert "No server can be used" in held["held_reason"]
        with serve(gpu, "--port", url.rpartition(":")[2]):
            laptop.wait_for(second, timeout_seconds=40)

        assert len(laptop.texts("second.pdf")) == 4
        assert len(gpu.pages_read()) == 7
