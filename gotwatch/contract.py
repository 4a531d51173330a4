"""The contract of POST /ocr as its callers see it: what they send, and what the answers mean. Knows no HTTP library."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

from gotwatch.documents import Mode, PageText, Prompt, PromptStyle
from gotwatch.errors import BY_NAME, EngineCrashed, GotwatchError, NotAllowed, ServerAway, ServerBusy, UsageError
from gotwatch.records import page_text

RECORD_TYPE = "application/vnd.gotwatch+json"
LONGEST_WAIT_SECONDS = 30.0  # between two tries, whatever the server says

Source = Path | str | bytes  # a file, by its path or its content
Sources = Source | Sequence[Source]  # several: pages that are read in one go


class OcrFields(TypedDict, total=False):
    """What may be asked for; what is left out is the server's default. /docs of the server tells what each means."""

    ocr_type: Literal["ocr", "format"]
    ocr_box: str | None
    ocr_color: str | None
    multi_page: bool
    crop: bool
    pages: str
    render: bool
    save_render_file: str | None
    box_by: str
    prompt_style: str
    trim: bool
    strips: bool
    max_new_tokens: int
    retry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrAnswer:
    """What was read. A server that gives the text alone leaves all else at its default."""

    text: str
    html: str | None = None
    saved: str | None = None
    tokens: int = 0
    seconds: float = 0.0  # as the server measured it
    finish: str = "stop"
    confidence: float | None = None
    engine: str = ""
    checkpoint: str = ""
    warnings: tuple[str, ...] = ()
    pages: tuple[PageText, ...] = ()


@dataclass(frozen=True, slots=True)
class OcrWords:
    """What came to a page's text; *anew*: all that there was of it before is void."""

    page: int
    text: str
    anew: bool


Told = OcrWords | PageText | OcrAnswer


def fields_of(prompt: Prompt) -> OcrFields:
    """What *prompt* asks for. What is a default is left out, as other servers may not know it."""
    fields: OcrFields = {"ocr_type": "format" if prompt.mode is Mode.FORMAT else "ocr"}
    if prompt.box is not None:
        fields["ocr_box"] = f"[{','.join(map(str, prompt.box))}]"
        fields["box_by"] = prompt.box_by.value
    if prompt.color is not None:
        fields["ocr_color"] = prompt.color.value
    if prompt.style is not PromptStyle.TRAINING:
        fields["prompt_style"] = prompt.style.value
    if prompt.max_new_tokens:
        fields["max_new_tokens"] = prompt.max_new_tokens
    if not prompt.retry:
        fields["retry"] = False
    for name in ("multi_page", "crop", "trim", "strips"):
        if getattr(prompt, name):
            fields[name] = True
    return fields


def request_body(source: Sources, fields: OcrFields, *, stream: bool = False) -> bytes:
    """The JSON of a request. Raises UsageError for a file that cannot be read."""
    body: dict[str, Any] = {**fields, "stream": True} if stream else {**fields}
    if isinstance(source, Path | str | bytes):
        body["image"] = _in_base64(source)
    else:
        body["images"] = [_in_base64(one) for one in source]
    return json.dumps(body).encode("ascii")


def _in_base64(source: Source) -> str:
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source!r} cannot be read: {error.strerror}") from error
    return base64.b64encode(content).decode("ascii")


def answer_of(content: bytes) -> OcrAnswer:
    """What a server answered well. Raises ServerAway where it makes no sense."""
    value = _parsed(content)
    return OcrAnswer(text=value) if isinstance(value, str) else _record(value)


def error_of(status: int, retry_after: str, content: bytes) -> GotwatchError:
    """What a server answered with another *status* than 200."""
    value = _parsed(content)
    record = value if isinstance(value, Mapping) else {}
    message = str(record.get("message") or f"The server answers with {status}")
    hint = str(record.get("hint") or "")
    if status == 503:
        busy = ServerBusy(message, hint=hint)
        busy.retry_seconds = _seconds(retry_after)
        return busy
    if status in (401, 403):
        return NotAllowed(message, hint=hint)
    known = BY_NAME.get(str(record.get("error")))
    unknown = UsageError if status < 500 else EngineCrashed if status == 500 else ServerAway
    return (known or unknown)(message, hint=hint)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        hint = "Another program may listen at its address."
        raise ServerAway("The server's answer is no JSON", hint=hint) from error


def _seconds(retry_after: str) -> float:
    try:
        seconds = float(retry_after)
    except ValueError:  # none, or a date, which we never send
        seconds = ServerBusy.retry_seconds
    return min(max(seconds, 0.1), LONGEST_WAIT_SECONDS)


def _record(value: Any) -> OcrAnswer:
    try:
        return OcrAnswer(
            text=value["text"],
            html=value["html"],
            saved=value["saved"],
            tokens=value["tokens"],
            seconds=value["seconds"],
            finish=value["finish"],
            confidence=value["confidence"],
            engine=value["engine"],
            checkpoint=value["checkpoint"],
            warnings=tuple(value["warnings"]),
            pages=tuple(page_text(page) for page in value["pages"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ServerAway(f"The server's answer is not as it should be ({error!r})") from error


class Events:
    """Server-sent events, line by line."""

    def __init__(self) -> None:
        self._name = ""
        self._is_done = False

    def of(self, line: str) -> Iterator[Told]:
        """What *line* tells. Raises the error that it tells of."""
        field, _, value = line.partition(": ")
        if field == "event":
            self._name = value
        elif field == "data":
            yield self._told(_parsed(value.encode()))

    def check_complete(self) -> None:
        """Raises ServerAway."""
        if not self._is_done:
            raise ServerAway("The server's answer has no end", hint="It may have been ended: try again.")

    def _told(self, record: Any) -> Told:
        match self._name:
            case "words":
                return OcrWords(record["page"], record["text"], record["anew"])
            case "page":
                return page_text(record)
            case "done":
                self._is_done = True
                return _record(record)
            case _:
                raise BY_NAME.get(record["error"], ServerAway)(record["message"], hint=record["hint"])
