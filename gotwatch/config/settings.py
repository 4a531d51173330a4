"""The settings: their names, defaults and what they mean. The example config is written from here."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, ValidationError

from gotwatch.config.values import Box, Devices, Forms, Hours, InkColor, PageRanges, Pattern, Place, Seconds, ServerUrl
from gotwatch.documents import BoxBy, Form, Mode, Prompt, PromptStyle, TextStyle, checked
from gotwatch.errors import UsageError

MOST_NEW_TOKENS = 32768


class Order(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"


class Originals(StrEnum):
    LEAVE = "leave"
    ARCHIVE = "archive"


class Detection(StrEnum):
    AUTO = "auto"
    EVENTS = "events"
    POLL = "poll"


class Existing(StrEnum):
    READ = "read"
    LEAVE = "leave"


class Level(StrEnum):
    """What notifications are wanted of."""

    ALL = "all"
    SUMMARY = "summary"
    ERRORS = "errors"
    NONE = "none"


class Duplicates(StrEnum):
    REUSE = "reuse"
    READ = "read"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(_Section):
    """How a page is to be read: part of each [[watch]], and what a command asks for."""

    mode: Mode = Field(
        default=Mode.PLAIN, description='"plain" text, or "format": formulas, tables and headings as markup.'
    )
    box: Box = Field(
        default=None,
        description="Read only what is in [x1, y1, x2, y2], or at the point [x, y]: pixels of the upright page."
        " []: the whole page.",
    )
    box_by: BoxBy = Field(
        default=BoxBy.PIXELS,
        description='"pixels": the model is shown nothing but the box. "prompt": it is told the box in words.',
    )
    color: InkColor = Field(default=None, description='Read only text in "red", "green" or "blue". Empty: all.')
    crop: StrictBool = Field(
        default=False, description="Show each page in up to 6 tiles too: slower, and better for small print."
    )
    multi_page: StrictBool = Field(
        default=False, description="Read several pages of a document in one go, always with format."
    )
    prompt_style: PromptStyle = Field(
        default=PromptStyle.TRAINING, description='Whose spaces the prompt has: "training", "hub" or "hf".'
    )
    trim: StrictBool = Field(default=False, description="Leave empty margins off before the model looks.")
    strips: StrictBool = Field(default=False, description="Read a very long image in pieces, one after the other.")
    max_new_tokens: StrictInt = Field(
        default=0, ge=0, le=MOST_NEW_TOKENS, description="The longest text of a page, in tokens. 0: as [engine] says."
    )
    retry: StrictBool = Field(default=True, description="Try once in another way where the model got lost.")

    @property
    def prompt(self) -> Prompt:
        """Raises UsageError where the model cannot be asked for all of it together."""
        return checked(
            Prompt(
                self.mode,
                box=self.box,
                box_by=self.box_by,
                color=self.color,
                crop=self.crop,
                multi_page=self.multi_page,
                style=self.prompt_style,
                trim=self.trim,
                strips=self.strips,
                retry=self.retry,
                max_new_tokens=self.max_new_tokens,
            )
        )


class Watch(Asked):
    """One watched folder."""

    folder: Place = Field(description="Files that appear in this folder are read. It must exist.")
    output: Place = Field(
        description="Results go here, in the same tree of subfolders. May not lie inside a watched folder."
    )
    recursive: StrictBool = Field(default=True, description="Look into subfolders too.")
    formats: Forms = Field(
        default=(Form.TXT, Form.HTML),
        description="Which result files: txt, html, md, json, docx (by pandoc, if installed), pdf (searchable).",
    )
    text_style: TextStyle = Field(
        default=TextStyle.MODEL,
        description='What .txt holds with format: "model", its markup, or "readable", text without it.',
    )
    html_images: StrictBool = Field(
        default=False, description="Show the picture of each page beside its text in .html; the file gets larger by it."
    )
    html_midi: StrictBool = Field(
        default=False, description="Put each score into .html as a MIDI file too, to be heard."
    )
    pages: PageRanges = Field(
        default=((1, None),), description='Which pages of a document: "all", or such as "1-3, 7, 10-".'
    )
    quiet_seconds: Seconds = Field(
        default=5.0, ge=0, description="A file is read when it has not changed for this long."
    )
    ignore: tuple[Pattern, ...] = Field(
        default=(), description="Files and folders to leave out, in .gitignore's syntax."
    )
    order: Order = Field(default=Order.OLDEST, description='Which file comes first: "oldest", "newest" or "name".')
    priority: StrictInt = Field(
        default=0,
        ge=-1000,
        le=1000,
        description="Files of a folder with a higher number are read before all others.",
    )
    originals: Originals = Field(
        default=Originals.LEAVE,
        description='"leave" the files where they are, or "archive" them once their results are written.',
    )
    archive: Place | None = Field(
        default=None, description='Where "archive" moves them. May not lie inside a watched folder.'
    )
    existing: Existing = Field(
        default=Existing.READ,
        description='What is in the folder when it is watched for the first time: "read" it, or "leave" it alone.',
    )
    detection: Detection = Field(
        default=Detection.AUTO, description='How new files are noticed: "events" of the system, "poll", or "auto".'
    )
    rescan_seconds: Seconds = Field(
        default=600.0, ge=1, description="The whole folder is looked through this often too, as events can be lost."
    )
    duplicates: Duplicates = Field(
        default=Duplicates.REUSE,
        description='The same bytes again: "reuse" the text that was read, or "read" them anew.',
    )

    @property
    def key(self) -> str:
        """How the queue names this folder."""
        return str(self.folder)

    def wants(self, page: int) -> bool:
        return any(first <= page and (last is None or page <= last) for first, last in self.pages)


class Engine(_Section):
    """The model that reads."""

    name: str = Field(
        default="auto",
        description='"auto"; "got", GOT-OCR2.0; "got-hf", the same by transformers, slower, to compare with;'
        ' "paddle", PaddleOCR without a GPU, plain text only; "remote", another machine; or "package.module:Class".',
    )
    checkpoint: str = Field(
        default="", description="A folder with the model's files, or its name on the hub. Empty: the engine's own."
    )
    device: Devices = Field(
        default=("auto",),
        description='"auto", "cpu", "cuda", "cuda:1" or "mps"; or a list of several, and each reads pages of its own.',
    )
    precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = Field(
        default="auto",
        description='The numbers that the model computes in: "fp32", "bf16", "fp16", or "int8", faster on a CPU and a'
        ' little less exact. "auto": what the device is best at.',
    )
    memory_share: StrictFloat = Field(
        default=0.8, ge=0.1, le=0.95, description="The part of the device's free memory that the model may take."
    )
    keep_alive: Seconds = Field(
        default=300.0, ge=-1, description="The model leaves memory after this long without work. 0: at once, -1: never."
    )
    servers: tuple[ServerUrl, ...] = Field(
        default=(),
        description='For "remote": where `gotwatch serve` listens, such as ["http://192.168.1.20:8765"].'
        " Of several, the one with least to do gets a page.",
    )
    token_file: str = Field(
        default="", description="A file that only you can read, with the word that these servers ask for."
    )
    max_new_tokens: StrictInt = Field(
        default=4096, ge=1, le=MOST_NEW_TOKENS, description="The longest text of a page, in tokens."
    )


class Pages(_Section):
    """How pages become pictures."""

    dpi: StrictInt = Field(default=200, ge=50, le=1200, description="Resolution of PDF pages, in dots per inch.")


class Limits(_Section):
    """What no file may exceed, so that a bad one costs only itself."""

    max_pixels: StrictInt = Field(default=60_000_000, ge=1_000_000, description="Pixels of one page.")
    max_pages: StrictInt = Field(default=2_000, ge=1, description="Pages of one document.")
    page_seconds: Seconds = Field(default=300.0, gt=0, description="Time for the model to read one page.")
    render_seconds: Seconds = Field(default=60.0, gt=0, description="Time to open a document or draw one page of it.")
    reader_megabytes: StrictInt = Field(default=2048, ge=256, description="Memory of a process that draws pages.")
    in_flight_megabytes: StrictInt = Field(default=512, ge=64, description="Memory for pages that wait for the model.")
    readers: StrictInt = Field(
        default=0,
        ge=0,
        le=16,
        description="How many documents are read at once. 0: as the processor has cores, at most 4.",
    )
    attempts: StrictInt = Field(
        default=3, ge=1, le=100, description="A file on which gotwatch crashed this often is given up."
    )
    give_up_seconds: Seconds = Field(
        default=900.0,
        ge=0,
        description="A file that cannot be read yet is tried again until it is this old and unchanged.",
    )


class Server(_Section):
    """Reading over HTTP, for other programs and other machines: POST /ocr."""

    enabled: StrictBool = Field(default=False, description="Whether `gotwatch run` answers over HTTP too.")
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen at. Any but this machine's own (127.0.0.1, ::1, localhost) needs a token.",
    )
    port: StrictInt = Field(default=8765, ge=0, le=65535, description="0: any that is free; the log says which.")
    token_file: str = Field(
        default="",
        description="A file that only you can read (chmod 600), with the word that callers must send as"
        ' "Authorization: Bearer WORD". Empty: none is asked for.',
    )
    hosts: tuple[str, ...] = Field(
        default=(), description="Names by which callers may address it, beside IP addresses and this machine's own."
    )
    results: str = Field(
        default="", description='Where save_render_file puts its files. Empty: "results" in the state folder.'
    )
    requests: StrictInt = Field(
        default=128, ge=1, le=1024, description="How many requests may be in work or wait; what comes above is put off."
    )
    body_megabytes: StrictInt = Field(default=64, ge=1, le=1024, description="The largest request.")
    request_seconds: Seconds = Field(default=600.0, gt=0, description="The longest that a caller is kept waiting.")


class Schedule(_Section):
    """When gotwatch reads, and when it leaves the computer to you. New files are listed all the same."""

    hours: tuple[Hours, ...] = Field(
        default=(), description='Read only in these hours, such as ["18:00-07:30"]. []: always.'
    )
    on_battery: Literal["read", "wait"] = Field(
        default="read", description='"read" on battery too, or "wait" until the computer is plugged in.'
    )
    gpu_memory_free: StrictFloat = Field(
        default=0.0,
        ge=0,
        le=0.95,
        description="Wait to load the model while less than this part of an NVIDIA GPU's memory is free. 0: do not.",
    )
    keep_awake: StrictBool = Field(
        default=True, description="Keep the computer from falling asleep by itself while files are read."
    )


class Log(_Section):
    """The log file in the state folder."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error."
    )
    megabytes: StrictInt = Field(
        default=5, ge=1, le=1000, description="Size at which a new file is begun; three old ones are kept."
    )


class Notifications(_Section):
    """Notifications on the desktop. They hold names of files, and never what stands in them."""

    level: Level = Field(
        default=Level.SUMMARY,
        description='"all": of each file, "summary": one when all that came is read, "errors": only of what failed'
        ' or holds gotwatch up, or "none".',
    )


class Messages(_Section):
    """What gotwatch says to you. Its log and what it prints for programs stay English."""

    language: Literal["auto", "en", "zh_CN"] = Field(
        default="auto", description='"en", "zh_CN", or "auto": as your system is set.'
    )


class Config(_Section):
    """The whole config file."""

    watch: tuple[Watch, ...] = ()
    engine: Engine = Engine()
    pages: Pages = Pages()
    limits: Limits = Limits()
    server: Server = Server()
    schedule: Schedule = Schedule()
    log: Log = Log()
    notifications: Notifications = Notifications()
    messages: Messages = Messages()


SECTIONS: dict[str, type[BaseModel]] = {
    "watch": Watch,
    "engine": Engine,
    "pages": Pages,
    "limits": Limits,
    "server": Server,
    "schedule": Schedule,
    "log": Log,
    "notifications": Notifications,
    "messages": Messages,
}


def section_fields(section: type[BaseModel]) -> dict[str, Any]:
    """name -> pydantic's FieldInfo, in the order of the config file: a section's own before what it takes over."""
    fields = section.model_fields
    return {name: fields[name] for name in sorted(fields, key=lambda name: name not in section.__annotations__)}


def asked_by_command(values: object) -> Asked:
    """What another process asks for, which may be of another version. Raises UsageError."""
    try:
        return Asked.model_validate(values)
    except ValidationError as exc:
        wrong = ", ".join(".".join(map(str, entry["loc"])) or "settings" for entry in exc.errors())
        hint = "Restart it, if gotwatch was updated."
        raise UsageError(f"The running gotwatch does not take this: {wrong}", hint=hint) from exc
