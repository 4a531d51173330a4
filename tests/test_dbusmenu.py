"""The menu in D-Bus's words."""

from gotwatch.desktop.tray.dbusmenu import ROOT, Numbers, changes, nodes
from gotwatch.desktop.tray.menu import Do, Entry, Order

PAUSE = Entry(id="pause", text="Pause", order=Order(Do.PAUSE))
RESUME = Entry(id="pause", text="Resume", order=Order(Do.RESUME))
LINE = Entry(id="line")
LOGIN = Entry(id="login", text="Start at login", order=Order(Do.START_AT_LOGIN), checked=False)
RESULTS = Entry(id="results", text="Last results", children=(Entry(id="a", text="my_file.png", order=Order(Do.OPEN)),))


def test_every_entry_is_a_node_with_its_own_number() -> None:
    found = nodes((PAUSE, LINE, RESULTS, LOGIN), Numbers())

    assert found[ROOT].children == (1, 2, 3, 4)
    assert found[1].properties == {"label": "Pause", "enabled": True}
    assert found[2].properties == {"type": "separator"}
    assert found[3].properties == {"label": "Last results", "enabled": True, "children-display": "submenu"}
    assert found[3].children == (5,)
    assert found[4].properties["toggle-state"] == 0
    assert found[5].properties["label"] == "my__file.png"


def test_a_new_text_is_no_new_layout_and_keeps_the_number() -> None:
    numbers = Numbers()
    before, now = nodes((PAUSE, LOGIN), numbers), nodes((RESUME, LOGIN), numbers)

    seen = changes(before, now)

    assert not seen.is_new_layout
    assert [(node.number, node.properties["label"]) for node in seen.nodes] == [(1, "Resume")]


def test_what_stays_keeps_its_number_when_others_come_and_go() -> None:
    numbers = Numbers()
    first = nodes((PAUSE, LOGIN), numbers)
    second = nodes((LOGIN, RESULTS), numbers)

    assert changes(first, second).is_new_layout
    assert second[ROOT].children == (2, 3)
    assert nodes((PAUSE, LOGIN), numbers) == first


def test_nothing_new_is_no_change() -> None:
    numbers = Numbers()

    seen = changes(nodes((PAUSE,), numbers), nodes((PAUSE,), numbers))

    assert (seen.is_new_layout, seen.nodes) == (False, ())
