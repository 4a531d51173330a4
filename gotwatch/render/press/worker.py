"""The press's main loop: all that understands markup and draws of it runs in here."""

from collections.abc import Callable
from multiprocessing.connection import Connection

from gotwatch.render import forms
from gotwatch.render.press.orders import AtPage, Print, Printed, Reply
from gotwatch.render.workbench import Workbench
from gotwatch.render.workshop import WorkshopLimits, attend


def serve(pipe: "Connection[object, Print]", limits: WorkshopLimits) -> None:
    bench = Workbench()

    def print_it(order: Print, tell: Callable[[Reply], None]) -> Reply:
        content = forms.render(
            order.document,
            order.form,
            bench=bench,
            text_style=order.text_style,
            pictures=order.pictures,
            midi=order.midi,
            plain_pages=order.plain_pages,
            at_page=lambda number: tell(AtPage(number)),
        )
        return Printed(content)

    try:
        attend(pipe, limits, print_it)
    finally:
        bench.close()
