from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gotwatch.render.script import Script, ScriptFailed

_SOURCE = """
function echo(value) { return value; }
function loop() { for (;;) {} }
function deep(n) { return deep(n + 1) + 1; }
function grow() { const all = []; for (;;) all.push(new Array(1000).fill(1)); }
function backtrack() { return /(a+)+$/.test("a".repeat(60) + "b"); }
function rope(n) { let s = ""; for (let i = 0; i < n; i++) s = s + "ab" + i; return s; }
function nothing() {}
var calls = 0;
function count() { return ++calls; }
"""


@pytest.fixture
def script() -> Iterator[Script]:
    opened = Script([_SOURCE])
    yield opened
    opened.close()


def test_values_go_in_and_come_out(script: Script) -> None:
    value = {"a": [1, 2.5, None, True], "b": "é\u2028\N{GRINNING FACE}"}

    assert script.call("echo", value, seconds=5.0) == value


def test_a_string_that_was_put_together_of_pieces_comes_out(script: Script) -> None:
    assert str(script.call("rope", 2_000, seconds=5.0)).endswith("ab1999")


def test_no_result_is_none(script: Script) -> None:
    assert script.call("nothing", None, seconds=5.0) is None


@pytest.mark.parametrize("function", ["loop", "deep", "grow", "backtrack", "unheard_of"])
def test_a_script_that_misbehaves_fails_and_the_next_call_works(script: Script, function: str) -> None:
    with pytest.raises(ScriptFailed):
        script.call(function, 0, seconds=0.3)

    assert script.call("echo", "well", seconds=5.0) == "well"


def test_after_a_failure_nothing_is_left_of_what_was_before(script: Script) -> None:
    script.call("count", None, seconds=5.0)
    with pytest.raises(ScriptFailed):
        script.call("loop", None, seconds=0.1)

    assert script.call("count", None, seconds=5.0) == 1


def test_a_source_that_does_not_load_fails() -> None:
    script = Script(["function ("])

    with pytest.raises(ScriptFailed):
        script.call("echo", 1, seconds=1.0)
    script.close()


def test_any_thread_may_call(script: Script) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: script.call("echo", n, seconds=5.0), range(40)))

    assert answers == list(range(40))


def test_a_script_can_be_closed_twice_and_unused() -> None:
    script = Script([_SOURCE])

    script.close()
    script.close()
