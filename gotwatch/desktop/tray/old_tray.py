"""The icon for a tray of X11, which takes windows in place of icons, by what this Python has for it."""

import os
from importlib import import_module

from gotwatch.desktop.tray.loop_panel import LoopIcon, OnOrder
from gotwatch.desktop.tray.panel import NoTray

KINDS = (("gtk_icon", "GtkIcon"), ("xorg_icon", "XorgIcon"))  # the second one has no menu


def find() -> None:
    """Raises NoTray where there is none."""
    if not os.environ.get("DISPLAY"):
        raise NoTray("there is no screen")
    try:
        has_one = _has_one()
    except Exception as exc:  # Xlib has many errors of its own, and raises others' too
        raise NoTray(f"the screen does not answer: {exc}") from exc
    if not has_one:
        raise NoTray("no panel shows icons")


def _has_one() -> bool:
    screen = import_module("Xlib.display").Display()
    try:
        return bool(screen.get_selection_owner(screen.intern_atom(f"_NET_SYSTEM_TRAY_S{screen.get_default_screen()}")))
    finally:
        screen.close()


def make(on_order: OnOrder) -> LoopIcon:
    """Raises NoTray."""
    reasons = []
    for module, name in KINDS:
        try:
            icon: LoopIcon = getattr(import_module(f"gotwatch.desktop.tray.{module}"), name)(on_order)
        except NoTray as reason:
            reasons.append(str(reason))
        else:
            return icon
    raise NoTray("; ".join(reasons))
