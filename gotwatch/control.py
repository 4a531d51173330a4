"""What a running gotwatch may be asked and told to do by commands, and by a second start: JSON, a message each way."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from gotwatch.app import App
from gotwatch.config import settings
from gotwatch.doors.line import Door, HungUp, Line, Silent
from gotwatch.errors import GotwatchError, TransientError, UsageError
from gotwatch.orders import Reason
from gotwatch.processes import Refused, refusal, revive
from gotwatch.records import page_record

log = logging.getLogger(__name__)

ANSWER_SECONDS = 30.0  # a new config stops what is in work first, which takes up to ten

Request = dict[str, Any]
Reply = dict[str, Any]
Send = Callable[[Reply], None]
Verb = Callable[[Request, Send], Reply]


class ControlServer:
    """Answers until stop(). One request a call: {"verb": ...}; its last message has "ok"."""

    def __init__(self, door: Door, verbs: Mapping[str, Verb]) -> None:
        self._door = door
        self._verbs = verbs
        self._ending = False

    def start(self) -> None:
        """Only under the state folder's lock: then whatever door is still there is nobody's. Raises StoreUnusable."""
        self._door.open()

    def run(self) -> None:
        while line := self._door.accept():
            Thread(target=self._serve, args=(line,), name="command", daemon=True).start()

    def stop(self) -> None:
        self._ending = True
        self._door.close()

    def _serve(self, line: Line) -> None:
        try:
            line.admit()
            if reply := self._answer(line):
                _send(line, reply)
        except HungUp:
            log.debug("a command broke off")
        finally:
            line.close()

    def _answer(self, line: Line) -> Reply | None:
        try:
            request = _request(line.receive_request())
            return {"ok": True, **self._verb(request)(request, partial(_send, line))}
        except HungUp:
            raise
        except Exception as error:
            if self._ending:
                return None  # half of what it needed is closed by now; no answer means that gotwatch is not running
            refused = refusal(error)
            if not refused.error:
                log.exception("a command met a bug")
            return {"ok": False, "error": refused.error, "message": refused.message, "hint": refused.hint}

    def _verb(self, request: Request) -> Verb:
        verb = request.get("verb")
        if not isinstance(verb, str) or verb not in self._verbs:
            raise UsageError("The running gotwatch does not know that command", hint="Restart it, if it was updated.")
        return self._verbs[verb]


def call(
    door: Door,
    request: Request,
    on_progress: Callable[[Reply], None] = lambda _: None,
    *,
    within_seconds: float | None = ANSWER_SECONDS,
) -> Reply | None:
    """Send *request* to the gotwatch behind *door*; None if there is none, or if it ended while it answered.

    *within_seconds*: None where the answer may take as long as it takes. Raises the error that it answers, UsageError
    where it is another user's, and TransientError where it says nothing.
    """
    line = door.call()
    if line is None:
        return None
    try:
        _send(line, request)
        return _last(_replies(line, within_seconds), on_progress)
    except Silent as exc:
        raise TransientError(
            f"gotwatch runs, but has not answered within {within_seconds:g} s.",
            hint="Perhaps it waits for a network drive. Else end its process, and start it again: nothing is lost.",
        ) from exc
    except HungUp:
        return None
    finally:
        line.close()


def _last(replies: Iterator[Reply], on_progress: Callable[[Reply], None]) -> Reply | None:
    for reply in replies:
        if "ok" not in reply:
            on_progress(reply)
        elif reply["ok"]:
            return reply
        elif reply["error"]:
            raise revive(Refused(reply["error"], reply["message"], reply["hint"], ""))
        else:
            raise GotwatchError("The running gotwatch met a bug.", hint="Please report it with: gotwatch log")
    return None


def _replies(line: Line, within_seconds: float | None) -> Iterator[Reply]:
    while message := line.receive(within_seconds):
        yield json.loads(message)


def _send(line: Line, message: Reply) -> None:
    line.send(json.dumps(message).encode("ascii"))


def _request(message: bytes | None) -> Request:
    if message is None:
        raise _malformed("a line")
    try:
        request = json.loads(message)
    except (ValueError, RecursionError) as exc:
        raise _malformed("JSON") from exc
    if not isinstance(request, dict):
        raise _malformed("an object")
    return request


def _path(value: object) -> Path:
    if not isinstance(value, str) or "\0" in value or not Path(value).is_absolute():
        raise _malformed("an absolute path")
    return Path(value)


def _paths(value: object) -> list[Path]:
    if not isinstance(value, list):
        raise _malformed("a list of paths")
    return [_path(entry) for entry in value]


def _moment(value: object) -> datetime | None:
    """When a pause ends; None: not by itself."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise _malformed("a time") from exc
    if moment.tzinfo is None:
        raise _malformed("a time with its zone")
    return moment


def _malformed(missing: str) -> UsageError:
    return UsageError(f"The command is not as gotwatch writes it: {missing} is missing")


class _Verbs:
    """What may be asked for, by name. *send* takes lines on the way to the answer."""

    def __init__(self, app: App, quit_program: Callable[[], None]) -> None:
        self._app = app
        self._quit_program = quit_program

    def status(self, request: Request, send: Send) -> Reply:
        return {"status": self._app.status()}

    def pause(self, request: Request, send: Send) -> Reply:
        self._app.pause(_moment(request.get("until")))
        return {}

    def resume(self, request: Request, send: Send) -> Reply:
        self._app.resume()
        return {}

    def rescan(self, request: Request, send: Send) -> Reply:
        self._app.rescan()
        return {}

    def reload(self, request: Request, send: Send) -> Reply:
        self._app.reload()
        return {}

    def retry(self, request: Request, send: Send) -> Reply:
        return {"count": self._app.retry(_paths(request.get("paths")))}

    def reprocess(self, request: Request, send: Send) -> Reply:
        self._app.reprocess(_path(request.get("path")))
        return {}

    def forget(self, request: Request, send: Send) -> Reply:
        self._app.forget(_path(request.get("path")))
        return {}

    def why(self, request: Request, send: Send) -> Reply:
        return reason_record(self._app.orders.why(_path(request.get("path"))))

    def read(self, request: Request, send: Send) -> Reply:
        def on_page(done: int, pages: int) -> None:
            send({"done": done, "pages": pages})

        path, asked = _path(request.get("path")), settings.asked_by_command(request.get("asked"))
        texts = self._app.read_file(path, asked.prompt, on_page)
        return {"texts": [page_record(page) for page in texts], "engine": self._app.status()["engine"]["name"]}

    def stop(self, request: Request, send: Send) -> Reply:
        self._quit_program()
        return {}


_VERBS = ("status", "pause", "resume", "rescan", "reload", "retry", "reprocess", "forget", "why", "read", "stop")


def verbs_of(app: App, quit_program: Callable[[], None]) -> dict[str, Verb]:
    """What the whole program may be asked and told, by name."""
    verbs = _Verbs(app, quit_program)
    return {name: getattr(verbs, name) for name in _VERBS}


def reason_record(reason: Reason) -> Reply:
    """What `why --json` prints."""
    outputs = [str(path) for path in reason.outputs]
    return {"path": str(reason.path), "state": reason.state, "why": reason.why, "outputs": outputs}
