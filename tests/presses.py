"""Presses, each bad in one way on a page that says so, and good where the page is shown plainly."""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from gotwatch.documents import Document
from gotwatch.errors import FormUnavailable
from gotwatch.render.press.orders import AtPage, Print, Printed, Reply
from gotwatch.render.workshop import WorkshopLimits, attend


def serve(pipe: "Connection[object, Print]", limits: WorkshopLimits) -> None:
    attend(pipe, limits, _printed)


def _printed(order: Print, tell: Callable[[Reply], None]) -> Reply:
    """What the press was asked for, in words."""
    for page in order.document.pages:
        tell(AtPage(page.number))
        if page.number not in order.plain_pages:
            _do(page.markup)
    return Printed(f"{_mode(order.document)}; plain: {sorted(order.plain_pages)}".encode())


def _mode(document: Document) -> str:
    return document.reading.prompt.mode.value


def _do(what: str) -> None:
    match what:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(60.0)
        case "eat":
            len(bytearray(2**40))
        case "err":
            raise ZeroDivisionError(what)
        case "refuse":
            raise FormUnavailable("Not of this one", hint="Take another.")
