"""gotwatch.client, against a server that really listens."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gotwatch.client import AsyncOcrClient, OcrClient
from gotwatch.contract import OcrAnswer, OcrWords, fields_of, request_body
from gotwatch.documents import BoxBy, Color, Mode, PageText, Prompt, PromptStyle
from gotwatch.errors import Encrypted, NotAllowed, ServerAway, ServerBusy, TooLarge, Unsupported, UsageError
from gotwatch.server import asked
from tests import bad_files
from tests.other_servers import busy, busy_twice, failing, other_server, the_text
from tests.served import Served, pdf, png, serving

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), "SpellingEngine") as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[OcrClient]:
    with OcrClient(served.url) as client:
        yield client


def test_a_file_is_read_by_its_path_or_its_content(client: OcrClient, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())

    answers = [client.read(source) for source in (path, str(path), png())]

    assert [answer.text for answer in answers] == ["Page 1\n\n300x160 ffffff"] * 3
    assert answers[0].engine == "tests.engines:SpellingEngine"
    assert answers[0].pages[0].confidence == pytest.approx(0.9)


def test_several_files_are_pages_that_are_read_in_one_go(client: OcrClient) -> None:
    (page,) = client.read([png(), png("Two")]).pages

    assert (page.number, page.count) == (1, 2)


def test_a_rendered_page_comes_with_the_answer(client: OcrClient, served: Served) -> None:
    answer = client.read(png(), ocr_type="format", render=True, save_render_file="from-client.html")

    assert answer.html
    assert answer.saved == "from-client.html"
    assert (served.results / "from-client.html").read_text("utf-8") == answer.html


def test_words_pages_and_the_answer_are_told_as_they_come(client: OcrClient) -> None:
    told = list(client.stream(pdf(2)))

    assert {type(one) for one in told} == {OcrWords, PageText, OcrAnswer}
    assert isinstance(told[-1], OcrAnswer)
    assert told[-1].text == "\f\n".join(page.markup for page in told[-1].pages)


@pytest.mark.parametrize(
    ("make", "error"),
    [(bad_files.encrypted_pdf, Encrypted), (bad_files.huge_png, TooLarge), (bad_files.text_named_pdf, Unsupported)],
)
def test_what_the_server_refuses_is_raised_as_here(
    client: OcrClient, tmp_path: Path, make: Callable[[Path], Path], error: type[Exception]
) -> None:
    path = make(tmp_path)

    with pytest.raises(error):
        client.read(path)
    with pytest.raises(error):
        list(client.stream(path))


def test_a_file_that_is_not_there_is_told_before_anything_is_sent(client: OcrClient, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        client.read(tmp_path / "none.png")


def test_without_its_token_a_server_does_not_answer(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("0123456789abcdef", "ascii")
    token_file.chmod(0o600)
    with serving(tmp_path, token_file=str(token_file)) as served:
        with OcrClient(served.url, token="fedcba9876543210") as stranger, pytest.raises(NotAllowed):
            stranger.read(png())
        with OcrClient(served.url, token="0123456789abcdef") as friend:
            assert friend.read(png()).text


def test_a_server_that_is_not_there_is_told_by_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with OcrClient(url) as client, pytest.raises(ServerAway, match=url):
        client.read(png())


@pytest.mark.parametrize("url", ["127.0.0.1:8765", "ftp://127.0.0.1", "http://", "nonsense"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises((UsageError, ServerAway)), OcrClient(url) as client:
        client.read(png())


def test_a_server_that_gives_the_text_alone_will_do() -> None:
    with other_server(the_text) as other, OcrClient(other.url) as client:
        assert client.read(png()) == OcrAnswer(text="Invoice 2031")


def test_a_server_that_is_busy_is_asked_again() -> None:
    with other_server(busy_twice) as other, OcrClient(other.url) as client:
        assert client.read(png()).text == "Invoice 2031"

    assert len(other.asked) == 3


def test_a_server_that_stays_busy_is_given_up_in_the_end() -> None:
    with (
        other_server(busy) as other,
        OcrClient(other.url, patience_seconds=0.5) as client,
        pytest.raises(ServerBusy, match="Too much to do"),
    ):
        client.read(png())

    assert 2 <= len(other.asked) <= 4


def test_an_answer_that_makes_no_sense_is_that_of_no_server() -> None:
    with other_server(failing) as other, OcrClient(other.url) as client, pytest.raises(ServerAway):
        client.read(png())


def test_the_same_in_an_event_loop(served: Served) -> None:
    async def call() -> list[str]:
        async with AsyncOcrClient(served.url) as client:
            await client.check_ready()
            answers = await asyncio.gather(*(client.read(png(width=width)) for width in (300, 310)))
            told = [one async for one in client.stream(png())]
        assert isinstance(told[-1], OcrAnswer)
        return [*(answer.text for answer in answers), told[-1].text]

    texts = asyncio.run(call())

    assert texts == [f"Page 1\n\n{width}x160 ffffff" for width in (300, 310, 300)]


def test_a_call_that_is_cancelled_ends_the_reading_there(tmp_path: Path, eventually: Eventually) -> None:
    async def call(url: str) -> None:
        async with AsyncOcrClient(url) as client:
            async with asyncio.timeout(1.5):
                await client.read(pdf(2))

    with serving(tmp_path, "PatientEngine") as served:
        with pytest.raises(TimeoutError):
            asyncio.run(call(served.url))

        eventually(lambda: served.metric("gotwatch_requests") == 0)


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt(),
        Prompt(Mode.FORMAT, box=(1, 2, 30, 40), box_by=BoxBy.PROMPT),
        Prompt(box=(1, 2)),
        Prompt(color=Color.BLUE, style=PromptStyle.HUB),
        Prompt(crop=True, retry=False, max_new_tokens=7),
        Prompt(trim=True, strips=True),
    ],
    ids=lambda prompt: prompt.key,
)
def test_a_prompt_is_the_same_one_on_the_other_side(prompt: Prompt) -> None:
    body = request_body(png(), fields_of(prompt))

    assert asked.understood(body).prompt == prompt
