"""An icon by StatusNotifierItem and com.canonical.dbusmenu, over D-Bus alone: no GTK, no X, no Wayland."""

from collections.abc import Callable
from typing import Annotated, Any

from dbus_fast import DBusError, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusObjectPath, DBusSignature, DBusStr, DBusUInt32, DBusVariant
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from PIL import Image

from gotwatch.desktop.tray import dbusmenu, drawing
from gotwatch.desktop.tray.dbusmenu import ROOT, Node, Numbers
from gotwatch.desktop.tray.face import Look, Mood
from gotwatch.desktop.tray.icon import NAME, BaseIcon, OnOrder, Tamed
from gotwatch.desktop.tray.menu import Entry

ITEM_PATH = "/StatusNotifierItem"
MENU_PATH = "/StatusNotifierItem/Menu"
# A panel takes the one that fits. XFCE's takes the largest, and its icons are mostly half as large: 22.
SIZES = (16, 22, 24, 32, 44)
READ = PropertyAccess.READ
UNKNOWN = "com.canonical.dbusmenu.Error"
SIGNATURES: dict[type, str] = {str: "s", bool: "b", int: "i"}

Pixmaps = Annotated[list[Any], DBusSignature("a(iiay)")]
ToolTipText = Annotated[list[Any], DBusSignature("(sa(iiay)ss)")]
Layout = Annotated[list[Any], DBusSignature("u(ia{sv}av)")]
Properties = Annotated[list[Any], DBusSignature("a(ia{sv})")]
PropertyChanges = Annotated[list[Any], DBusSignature("a(ia{sv})a(ias)")]
NumberPair = Annotated[list[int], DBusSignature("ui")]
Numbered = Annotated[list[int], DBusSignature("ai")]
TwoLists = Annotated[list[list[int]], DBusSignature("aiai")]
Strings = Annotated[list[str], DBusSignature("as")]
Events = Annotated[list[Any], DBusSignature("a(isvu)")]


class NotifierIcon(Tamed, BaseIcon):  # type: ignore[misc]  # pystray has no types
    """It runs detached, in the loop of *bus*, and is only called there."""

    def __init__(self, bus: MessageBus, on_order: OnOrder) -> None:
        super().__init__(NAME, on_order)
        self._bus = bus
        self._item = _NotifierItem(self.__call__)
        self._menu_there = _Menu(on_order)

    def _run_detached(self) -> None:
        self._bus.export(ITEM_PATH, self._item)
        self._bus.export(MENU_PATH, self._menu_there)
        self._mark_ready()

    def _show(self) -> None:
        self._update_title()

    def _hide(self) -> None:
        self._item.hide()

    def _update_icon(self) -> None:
        self._icon_valid = True
        self._item.show_look(self.face.look)

    def _update_title(self) -> None:
        self._item.show_title(self.title)

    def _update_menu(self) -> None:
        self._menu_there.show(self.face.menu)

    def _stop(self) -> None:
        self._bus.unexport(ITEM_PATH)
        self._bus.unexport(MENU_PATH)


class _NotifierItem(ServiceInterface):
    """The icon as panels see it. The names of its methods and properties are those of the specification."""

    def __init__(self, activate: Callable[[], None]) -> None:
        super().__init__("org.kde.StatusNotifierItem")
        self._activate = activate
        self._pixmaps: list[Any] = []
        self._status = "Passive"
        self._title = ""

    def show_look(self, look: Look) -> None:
        self._pixmaps = [_pixmap(look, size) for size in SIZES]
        self.NewIcon()
        self.NewAttentionIcon()
        self._set_status("NeedsAttention" if look.mood is Mood.NEEDS_YOU else "Active")

    def show_title(self, title: str) -> None:
        self._title = title
        self.NewToolTip()

    def hide(self) -> None:
        self._set_status("Passive")

    def _set_status(self, status: str) -> None:
        if status != self._status:
            self._status = status
            self.NewStatus(status)

    @dbus_property(access=READ)
    def Category(self) -> DBusStr:
        return "ApplicationStatus"

    @dbus_property(access=READ)
    def Id(self) -> DBusStr:
        return NAME

    @dbus_property(access=READ)
    def Title(self) -> DBusStr:
        return NAME

    @dbus_property(access=READ)
    def Status(self) -> DBusStr:
        return self._status

    @dbus_property(access=READ)
    def WindowId(self) -> DBusInt32:
        return 0

    @dbus_property(access=READ)
    def IconName(self) -> DBusStr:
        return ""

    @dbus_property(access=READ)
    def IconPixmap(self) -> Pixmaps:
        return self._pixmaps

    @dbus_property(access=READ)
    def OverlayIconName(self) -> DBusStr:
        return ""

    @dbus_property(access=READ)
    def OverlayIconPixmap(self) -> Pixmaps:
        return []

    @dbus_property(access=READ)
    def AttentionIconName(self) -> DBusStr:
        return ""

    @dbus_property(access=READ)
    def AttentionIconPixmap(self) -> Pixmaps:
        return self._pixmaps

    @dbus_property(access=READ)
    def AttentionMovieName(self) -> DBusStr:
        return ""

    @dbus_property(access=READ)
    def ToolTip(self) -> ToolTipText:
        return ["", [], self._title, ""]

    @dbus_property(access=READ)
    def ItemIsMenu(self) -> DBusBool:
        return False  # else some panels send no left click

    @dbus_property(access=READ)
    def Menu(self) -> DBusObjectPath:
        return MENU_PATH

    @dbus_method()
    def ContextMenu(self, x: DBusInt32, y: DBusInt32) -> None:
        """Panels show the menu by themselves."""

    @dbus_method()
    def Activate(self, x: DBusInt32, y: DBusInt32) -> None:
        self._activate()

    @dbus_method()
    def SecondaryActivate(self, x: DBusInt32, y: DBusInt32) -> None:
        """Nothing is on the middle button."""

    @dbus_method()
    def Scroll(self, delta: DBusInt32, orientation: DBusStr) -> None:
        """Nothing is on the wheel."""

    @dbus_signal()
    def NewIcon(self) -> None:
        """IconPixmap has changed."""

    @dbus_signal()
    def NewAttentionIcon(self) -> None:
        """AttentionIconPixmap has changed."""

    @dbus_signal()
    def NewToolTip(self) -> None:
        """ToolTip has changed."""

    @dbus_signal()
    def NewStatus(self, status: str) -> DBusStr:
        return status


class _Menu(ServiceInterface):
    """The menu as panels see it. The names of its methods and properties are those of the specification."""

    def __init__(self, on_order: OnOrder) -> None:
        super().__init__("com.canonical.dbusmenu")
        self._on_order = on_order
        self._numbers = Numbers()
        self._nodes = dbusmenu.nodes((), self._numbers)
        self._revision = 1

    def show(self, menu: tuple[Entry, ...]) -> None:
        now = dbusmenu.nodes(menu, self._numbers)
        changes = dbusmenu.changes(self._nodes, now)
        self._nodes = now
        if changes.is_new_layout:
            self._revision += 1
            self.LayoutUpdated(self._revision, ROOT)
        elif changes.nodes:
            self.ItemsPropertiesUpdated([[node.number, _variants(node)] for node in changes.nodes])

    @dbus_property(access=READ)
    def Version(self) -> DBusUInt32:
        return 3

    @dbus_property(access=READ)
    def TextDirection(self) -> DBusStr:
        return "ltr"

    @dbus_property(access=READ)
    def Status(self) -> DBusStr:
        return "normal"

    @dbus_property(access=READ)
    def IconThemePath(self) -> Strings:
        return []

    @dbus_method()
    def GetLayout(self, parent: DBusInt32, depth: DBusInt32, names: Strings) -> Layout:
        return [self._revision, self._tree(self._node(parent), depth)]

    @dbus_method()
    def GetGroupProperties(self, numbers: Numbered, names: Strings) -> Properties:
        wanted = numbers or list(self._nodes)
        return [[number, _variants(self._nodes[number])] for number in wanted if number in self._nodes]

    @dbus_method()
    def GetProperty(self, number: DBusInt32, name: DBusStr) -> DBusVariant:
        found = _variants(self._node(number)).get(name)
        if found is None:
            raise DBusError(UNKNOWN, f"node {number} has no {name}")
        return found

    @dbus_method()
    def Event(self, number: DBusInt32, event: DBusStr, value: DBusVariant, timestamp: DBusUInt32) -> None:
        self._take(number, event)

    @dbus_method()
    def EventGroup(self, events: Events) -> Numbered:
        """What is not known is answered: the numbers of entries that are gone."""
        return [number for number, event, *_ in events if not self._take(number, event)]

    @dbus_method()
    def AboutToShow(self, number: DBusInt32) -> DBusBool:
        return False  # it is as new as it can be

    @dbus_method()
    def AboutToShowGroup(self, numbers: Numbered) -> TwoLists:
        return [[], [number for number in numbers if number not in self._nodes]]

    @dbus_signal()
    def ItemsPropertiesUpdated(self, updated: list[Any]) -> PropertyChanges:
        return [updated, []]

    @dbus_signal()
    def LayoutUpdated(self, revision: int, parent: int) -> NumberPair:
        return [revision, parent]

    def _take(self, number: int, event: str) -> bool:
        node = self._nodes.get(number)
        if node is not None and node.order is not None and event == "clicked":
            self._on_order(node.order)
        return node is not None

    def _node(self, number: int) -> Node:
        if number not in self._nodes:
            raise DBusError(UNKNOWN, f"there is no node {number}")
        return self._nodes[number]

    def _tree(self, node: Node, depth: int) -> list[Any]:
        """*depth*: of children to go down to; -1: all."""
        children = node.children if depth else ()
        below = [Variant("(ia{sv}av)", self._tree(self._nodes[child], depth - 1)) for child in children]
        return [node.number, _variants(node), below]


def _variants(node: Node) -> dict[str, Variant]:
    return {name: Variant(SIGNATURES[type(value)], value) for name, value in node.properties.items()}


def _pixmap(look: Look, size: int) -> list[Any]:
    """Width, height, and the pixels with alpha first."""
    red, green, blue, alpha = drawing.draw(look, size).split()
    return [size, size, Image.merge("RGBA", (alpha, red, green, blue)).tobytes()]
