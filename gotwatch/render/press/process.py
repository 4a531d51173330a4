"""The press, which renders results. The only module that knows that it is another process, and how it can fail."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from gotwatch import processes
from gotwatch.documents import Document, Form, Mode, PagePicture, TextStyle, shown
from gotwatch.errors import FormUnavailable, RenderingFailed
from gotwatch.processes import Refused
from gotwatch.render.press.orders import AtPage, Print, Printed, Reply
from gotwatch.render.workshop import WorkFailed, Workshop, WorkshopClosed, WorkshopLimits

log = logging.getLogger(__name__)

_LIMITS = WorkshopLimits(seconds=120.0, memory_bytes=2 * 2**30)
_MOST_CULPRITS = 3  # pages, before all of them are shown plainly
_HINT = "Close other programs, if memory is short; the text that was read is kept."
_NEVER_PLAIN = (Form.DOCX, Form.PDF)  # without its form there is no point in them


Serve = Callable[["Connection[object, Print]", WorkshopLimits], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    content: bytes
    warnings: tuple[str, ...] = ()  # of what had to be shown plainly


@dataclass(frozen=True, slots=True)
class _Failure:
    page: int  # at which it happened; 0: before the first
    reason: str


class Press:
    """Renders one document after the other, for any number of threads. Its process is there while there is work."""

    def __init__(self, limits: WorkshopLimits = _LIMITS, *, serve: Serve | None = None) -> None:
        # The press has a child of its own, the studio, and a daemonic process may have none.
        self._workshop = Workshop[Print, Reply](serve or _serve, limits, name="gotwatch-press", has_children=True)

    def render(
        self,
        document: Document,
        form: Form,
        *,
        text_style: TextStyle = TextStyle.MODEL,
        pictures: Sequence[PagePicture] = (),
        midi: bool = False,
    ) -> Rendered:
        """The content of the result file. What cannot be rendered in its form is shown plainly, with a warning.

        Raises FormUnavailable where this form cannot be made, and RenderingFailed where not even plain text can.
        """
        order = Print(
            document=document,
            form=form,
            text_style=text_style,
            pictures=tuple(pictures),
            midi=midi,
            plain_pages=frozenset(),
        )
        warnings: list[str] = []
        while isinstance(outcome := self._carry_out(order), _Failure):
            log.warning("%s of %s: %s", form.value, shown(document.source.path), outcome.reason)
            order, warning = _plainer(order, outcome)
            warnings.append(warning)
        return Rendered(outcome.content, tuple(warnings))

    def close(self) -> None:
        """End the process, whatever it does; what is being rendered raises RenderingFailed."""
        self._workshop.close()

    def _carry_out(self, order: Print) -> Printed | _Failure:
        page = 0

        def note_page(reply: Reply) -> None:
            nonlocal page
            if isinstance(reply, AtPage):
                page = reply.number

        try:
            reply = self._workshop.ask(order, note_page)
        except WorkshopClosed as closed:
            raise RenderingFailed("Rendering was stopped", hint="It goes on at the next start.") from closed
        except WorkFailed as failed:
            return _Failure(page, str(failed))
        if isinstance(reply, Refused):
            return _Failure(page, _bug(reply))
        assert isinstance(reply, Printed)
        return reply


def _bug(refused: Refused) -> str:
    """In words, if it is no error that was meant for the caller."""
    if refused.error:
        raise processes.revive(refused)
    log.error("rendering failed:\n%s", refused.traceback)
    return f"a bug in gotwatch ({refused.message.partition(':')[0]})"


def _plainer(order: Print, failure: _Failure) -> tuple[Print, str]:
    """*order* with less to go wrong, and a warning that says so."""
    document = order.document
    every_page = frozenset(page.number for page in document.pages)
    if order.form in _NEVER_PLAIN:
        raise FormUnavailable(f"It could not be made: {failure.reason}", hint="The other results are not touched.")
    if order.plain_pages == every_page:
        raise RenderingFailed(f"No {order.form.value} can be made of it: {failure.reason}", hint=_HINT)
    culprits = order.plain_pages | {failure.page}
    is_page_to_blame = order.form is Form.HTML and failure.page in every_page - order.plain_pages
    if is_page_to_blame and len(culprits) <= _MOST_CULPRITS:
        warning = f"Page {failure.page} could not be rendered and is shown as the model wrote it: {failure.reason}."
        return replace(order, plain_pages=culprits), warning
    warning = f"This document could not be rendered and is shown as the model wrote it: {failure.reason}."
    return replace(order, plain_pages=every_page, document=_literal(order)), warning


def _literal(order: Print) -> Document:
    """The document for forms that know no plain pages: as if it had been read without its format."""
    if order.form is Form.HTML:
        return order.document
    reading = order.document.reading
    return replace(order.document, reading=replace(reading, prompt=replace(reading.prompt, mode=Mode.PLAIN)))


def _serve(pipe: "Connection[object, Print]", limits: WorkshopLimits) -> None:
    from gotwatch.render.press import worker  # noqa: PLC0415  keeps engines and fonts out of the main process

    worker.serve(pipe, limits)
