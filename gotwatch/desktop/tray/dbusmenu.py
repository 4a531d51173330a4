"""A menu in the words of com.canonical.dbusmenu: numbered nodes with properties, and what has changed between two."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gotwatch.desktop.tray.menu import Entry, Order

ROOT = 0

Properties = dict[str, str | bool | int]


@dataclass(frozen=True, slots=True)
class Node:
    number: int
    properties: Properties
    children: tuple[int, ...]
    order: Order | None


@dataclass(frozen=True, slots=True)
class Changes:
    is_new_layout: bool  # nodes came, went, or moved
    nodes: tuple[Node, ...]  # those that say something else than before


@dataclass(slots=True)
class Numbers:
    """A number for each entry's id, the same for as long as the program runs."""

    _known: dict[str, int] = field(default_factory=dict)

    def of(self, entry_id: str) -> int:
        return self._known.setdefault(entry_id, len(self._known) + 1)


def nodes(menu: tuple[Entry, ...], numbers: Numbers) -> dict[int, Node]:
    """number -> node, of the whole menu."""
    root = Node(ROOT, {"children-display": "submenu"}, tuple(numbers.of(entry.id) for entry in menu), None)
    return {ROOT: root} | {node.number: node for entry in menu for node in _nodes(entry, numbers)}


def changes(before: dict[int, Node], now: dict[int, Node]) -> Changes:
    def shape(nodes: dict[int, Node]) -> dict[int, tuple[tuple[int, ...], frozenset[str]]]:
        return {number: (node.children, frozenset(node.properties)) for number, node in nodes.items()}

    new = tuple(node for node in now.values() if node != before.get(node.number))
    return Changes(shape(before) != shape(now), new)


def _nodes(entry: Entry, numbers: Numbers) -> Iterator[Node]:
    children = tuple(numbers.of(child.id) for child in entry.children)
    yield Node(numbers.of(entry.id), _properties(entry), children, entry.order)
    for child in entry.children:
        yield from _nodes(child, numbers)


def _properties(entry: Entry) -> Properties:
    if entry.is_separator:
        return {"type": "separator"}
    # a single underscore would underline the letter behind it
    properties: Properties = {"label": entry.text.replace("_", "__"), "enabled": entry.is_enabled}
    if entry.checked is not None:
        properties |= {"toggle-type": "checkmark", "toggle-state": int(entry.checked)}
    if entry.children:
        properties["children-display"] = "submenu"
    return properties
