"""The icon on macOS: pystray's, kept to the main thread. Importing this raises NoTray where that cannot be had."""

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

from PIL import Image

from gotwatch.desktop.tray import drawing
from gotwatch.desktop.tray.face import Look
from gotwatch.desktop.tray.icon import NAME, OnOrder, Tamed, backend

_BASE: Any = backend("darwin")
_APP_HELPER: Any = import_module("PyObjCTools.AppHelper")

ACCESSORY = 1  # NSApplicationActivationPolicyAccessory: nothing in the Dock, no menu bar of its own
PIXELS_PER_POINT = 2  # of a Retina screen; others scale it down


class MacIcon(Tamed, _BASE.Icon):  # type: ignore[misc]  # pystray has no types
    """Made, run and called on the main thread alone: elsewhere AppKit ends the process, without any exception."""

    def __init__(self, on_order: OnOrder) -> None:
        self._icon_image: Any = None
        super().__init__(NAME, on_order)
        self._app.setActivationPolicy_(ACCESSORY)

    def post(self, work: Callable[[], None]) -> None:
        _APP_HELPER.callAfter(work)

    def _run(self) -> None:
        """As pystray's, but for its handler of Ctrl+C, which would end the process without any cleaning up."""
        self._mark_ready()
        try:
            self._app.run()
        finally:
            self._status_bar.removeStatusItem_(self._status_item)

    def _picture(self, look: Look) -> Image.Image:
        return drawing.draw(look, int(self._status_bar.thickness()) * PIXELS_PER_POINT)

    def _assert_image(self) -> None:
        """As pystray's, which gives one pixel a point and is blurred on all screens of today."""
        if self._icon_image:
            return
        assert self.icon is not None  # or nothing would be shown
        points = int(self._status_bar.thickness())
        content = io.BytesIO()
        self.icon.save(content, "PNG")
        image = _BASE.AppKit.NSImage.alloc().initWithData_(_BASE.Foundation.NSData(content.getvalue()))
        image.setSize_((points, points))
        self._icon_image = image
        self._status_item.button().setImage_(image)
