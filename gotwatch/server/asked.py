"""What a request asks for. The only module that knows the fields of POST /ocr."""

import binascii
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, ValidationError

from gotwatch.config.settings import MOST_NEW_TOKENS
from gotwatch.config.values import parse_pages
from gotwatch.documents import MOST_IN_ONE_GO, BoxBy, Color, Mode, Prompt, PromptStyle, checked
from gotwatch.errors import GotwatchError, Malformed, UsageError
from gotwatch.server.saving import check_name

_NUMBER = r"\s*[0-9]{1,9}\s*"
_BOX = rf"^\s*[\[(]?{_NUMBER}(,{_NUMBER}){{1,3}}[\])]?\s*$"
_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_MODES = {"ocr": Mode.PLAIN, "format": Mode.FORMAT}
_NOT_JSON = {"json_invalid", "json_type"}
_SHOWN_PROBLEMS = 5

Picture = Annotated[str, Field(description="An image or a PDF in base64, with or without a data: prefix.")]


class OcrRequest(BaseModel):
    """What shall be read, and how. One of `image` and `images` is needed, and all else has a default."""

    model_config = ConfigDict(extra="forbid", title="OcrRequest")

    image: Picture | None = None
    images: Annotated[list[Picture], Field(min_length=1, max_length=MOST_IN_ONE_GO)] | None = Field(
        default=None, description="Several pages that are read in one go, always with format."
    )
    ocr_type: Literal["ocr", "format"] = Field(
        default="ocr", description="Plain text, or formulas, tables and headings as markup."
    )
    ocr_box: Annotated[str, StringConstraints(pattern=rf"{_BOX}|^$")] | None = Field(
        default=None, description="Read only what is in [x1,y1,x2,y2], or at [x,y]: pixels of the upright page."
    )
    ocr_color: Literal["red", "green", "blue", ""] | None = Field(
        default=None, description="Read only text of this colour."
    )
    render: StrictBool = Field(default=False, description="Make an HTML page of the text.")
    save_render_file: str | None = Field(
        default=None,
        description="Keep the rendered page under this name in the server's folder for results: a bare name.",
    )
    multi_page: StrictBool = Field(
        default=False, description="Read the pages of a PDF in one go, several together, always with format."
    )
    crop: StrictBool = Field(default=False, description="Show each page in up to 6 tiles too.")
    pages: str = Field(default="all", description='Which pages of a PDF: "all", or such as "1-3, 7, 10-".')
    stream: StrictBool = Field(default=False, description="Send the text as it is decoded, as server-sent events.")
    box_by: BoxBy = Field(default=BoxBy.PIXELS, description="Show the model the box alone, or tell it of the box.")
    prompt_style: PromptStyle = Field(default=PromptStyle.TRAINING, description="Whose spaces the prompt has.")
    trim: StrictBool = Field(default=False, description="Leave empty margins off before the model looks.")
    strips: StrictBool = Field(default=False, description="Read a very long image in pieces.")
    max_new_tokens: StrictInt = Field(
        default=0, ge=0, le=MOST_NEW_TOKENS, description="The longest text of a page; 0: as the server is set."
    )
    retry: StrictBool = Field(default=True, description="Try once in another way where the model got lost.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request, understood."""

    pictures: tuple[bytes, ...]
    prompt: Prompt
    page_ranges: tuple[tuple[int, int | None], ...]
    render: bool
    save_as: str  # "": nowhere
    stream: bool

    def wants(self, page: int) -> bool:
        return any(first <= page and (last is None or page <= last) for first, last in self.page_ranges)


def understood(body: bytes) -> Order:
    """Raises Malformed for what is no JSON or no base64, and UsageError for what cannot be asked."""
    try:
        asked = OcrRequest.model_validate_json(body)
    except ValidationError as error:
        raise _mistake(error) from error
    return Order(
        pictures=_pictures(asked),
        prompt=_prompt(asked),
        page_ranges=_page_ranges(asked.pages),
        render=asked.render,
        save_as=check_name(asked.save_render_file) if asked.save_render_file else "",
        stream=asked.stream,
    )


def _mistake(error: ValidationError) -> GotwatchError:
    problems = error.errors(include_url=False, include_input=False)
    if any(problem["type"] in _NOT_JSON for problem in problems):
        return Malformed(f"The body is not JSON: {problems[0]['msg']}", hint="Send an object, in UTF-8.")
    told = "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}" for problem in problems[:5])
    return UsageError(f"The request cannot be carried out: {told}", hint="The fields are described at /docs.")


def _prompt(asked: OcrRequest) -> Prompt:
    return checked(
        Prompt(
            _MODES[asked.ocr_type],
            box=tuple(map(int, re.findall(r"[0-9]+", asked.ocr_box))) if asked.ocr_box else None,
            box_by=asked.box_by,
            color=Color(asked.ocr_color) if asked.ocr_color else None,
            crop=asked.crop,
            multi_page=asked.multi_page or (asked.images is not None and len(asked.images) > 1),
            style=asked.prompt_style,
            trim=asked.trim,
            strips=asked.strips,
            retry=asked.retry,
            max_new_tokens=asked.max_new_tokens,
        )
    )


def _page_ranges(pages: str) -> tuple[tuple[int, int | None], ...]:
    try:
        ranges: Any = parse_pages(pages)
    except ValueError as error:
        raise UsageError(f"pages: {error}", hint='Write "all", or such as "1-3, 7, 10-".') from error
    return tuple(ranges)


def _pictures(asked: OcrRequest) -> tuple[bytes, ...]:
    if (asked.image is None) == (asked.images is None):
        raise UsageError("A request needs image, or images in its place", hint="Send one of them, in base64.")
    if asked.images is None:
        return (_decoded(asked.image or "", "image"),)
    return tuple(_decoded(text, f"images.{index}") for index, text in enumerate(asked.images))


def _decoded(text: str, field: str) -> bytes:
    if prefix := _DATA_URL.match(text):
        text = text[prefix.end() :]
    try:
        return _plain_base64(text)
    except ValueError as error:  # binascii's own, or a character outside of ASCII
        raise Malformed(f"{field} is not base64: {error}", hint="Send the file's bytes in base64.") from error


def _plain_base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)  # as e-mail breaks it into lines
