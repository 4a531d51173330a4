"""What the OpenAPI document says of each address."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from gotwatch.contract import RECORD_TYPE
from gotwatch.server.asked import OcrRequest
from gotwatch.server.figures import CONTENT_TYPE


class PageRecord(BaseModel):
    """A page, or several that were read in one go."""

    model_config = ConfigDict(extra="forbid")

    page: int
    pages: int
    text: str
    tokens: list[int]
    token_count: int
    logprobs: list[float]
    confidence: float | None
    least_confidence: float | None
    finish: str
    seconds: float
    checkpoint: str


class OcrRecord(BaseModel):
    """All that is known of what was read."""

    model_config = ConfigDict(extra="forbid")

    text: str
    html: str | None
    saved: str | None
    tokens: int
    seconds: float
    finish: str
    confidence: float | None
    engine: str
    checkpoint: str
    warnings: list[str]
    pages: list[PageRecord]


class ErrorRecord(BaseModel):
    """What went wrong, and what to do now."""

    model_config = ConfigDict(extra="forbid")

    error: str
    message: str
    hint: str


class Status(BaseModel):
    status: str


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """With all that it is made of inside it, so that it can stand anywhere in the document."""
    schema = model.model_json_schema()
    whole: dict[str, Any] = _inlined(schema, schema.pop("$defs", {}))
    return whole


def _inlined(part: Any, parts: dict[str, Any]) -> Any:
    match part:
        case {"$ref": str(name), **rest}:
            return {**_inlined(parts[name.rpartition("/")[2]], parts), **rest}
        case dict():
            return {key: _inlined(value, parts) for key, value in part.items()}
        case list():
            return [_inlined(value, parts) for value in part]
        case _:
            return part


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": _schema(ErrorRecord)}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


_MEANINGS = {
    400: "No JSON, or no base64.",
    401: "A token is needed.",
    403: "Not for this caller.",
    408: "The request did not arrive in time.",
    413: "Larger than the limits.",
    415: "No image or PDF, or the request is not JSON.",
    422: "It cannot be read as asked.",
    500: "The engine gave up on it, or a bug.",
    503: "The engine is starting, or there is too much to do: try again after Retry-After.",
    504: "It took too long.",
    507: "The rendered page could not be saved.",
}
_TEXT = {"type": "string", "description": "The text; a form feed ends each page but the last."}
_EVENTS = {  # each of them, which is what tools hold against this
    "type": "object",
    "description": "A server-sent event: words (page, text, anew), page (a page's record), then done (the whole record)"
    " or error. Its data is JSON.",
    "properties": {
        "event": {"type": "string", "enum": ["words", "page", "done", "error"]},
        "data": {"type": "string"},
    },
    "required": ["event", "data"],
}

OCR: dict[str, Any] = {
    "summary": "The text of an image, or of the pages of a PDF",
    "operation_id": "ocr",
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": _schema(OcrRequest)}}}
    },
    "responses": {
        200: {
            "description": f"The text, or with Accept: {RECORD_TYPE} the whole record.",
            "content": {
                "application/json": {"schema": _TEXT},
                RECORD_TYPE: {"schema": _schema(OcrRecord)},
                "text/event-stream": {"schema": _EVENTS},
            },
        },
        **_errors(*_MEANINGS),
    },
}
HEALTH: dict[str, Any] = {
    "summary": "Whether the server is there",
    "responses": {200: {"model": Status}, **_errors(403)},
}
READY: dict[str, Any] = {
    "summary": "Whether a request would be read at once",
    "responses": {200: {"model": Status}, **_errors(403, 503)},
}
METRICS: dict[str, Any] = {
    "summary": "Figures for Prometheus",
    "responses": {200: {"content": {CONTENT_TYPE: {}}, "description": "In Prometheus' format."}, **_errors(401, 403)},
}
