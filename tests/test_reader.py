"""Reader processes, real ones, on real files."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Barrier

import psutil
import pytest

from gotwatch import pixels
from gotwatch.errors import Encrypted, ReaderCrashed, SourceGone, TooLarge
from gotwatch.pages.base import PageLimits
from gotwatch.pages.loader import IN_MEMORY_BYTES
from gotwatch.pages.reader import ReaderPool
from tests import bad_files

Eventually = Callable[..., None]


@contextmanager
def started(limits: PageLimits | None = None, *, readers: int = 1, idle_seconds: float = 60.0) -> Iterator[ReaderPool]:
    pool = ReaderPool(limits or PageLimits(), readers=readers, idle_seconds=idle_seconds)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop()


def readers() -> list[BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "gotwatch-reader"]


def reader() -> psutil.Process:
    [child] = readers()
    return psutil.Process(child.pid)


def blocks() -> set[Path]:
    """Shared memory that is lying about, where the system shows it."""
    return set(Path("/dev/shm").glob("gotwatch-*"))


def first_page(pool: ReaderPool, path: Path) -> pixels.SharedPage:
    with pool.open(path) as document:
        hold = document.render(1)
        hold.release()
        return hold.page


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return bad_files.pdf(tmp_path, name="good.pdf")


def test_pages_come_through_shared_memory_and_leave_none_behind(three_pages: Path, eventually: Eventually) -> None:
    before = blocks()
    colors = []

    with started() as pool, pool.open(three_pages) as document:
        for number in range(1, document.count + 1):
            hold = document.render(number)
            with pixels.look(hold.page) as image:
                colors.append((image.number, bytes(image.rgb[:3])))
            hold.release()

    assert [number for number, _ in colors] == [1, 2, 3]
    assert colors[0][1][0] > 200 > colors[0][1][1], "the first page is red"
    eventually(lambda: not blocks() - before)


def test_a_page_without_ink_is_marked_blank(tmp_path: Path, page: Path) -> None:
    nothing = bad_files.pdf(tmp_path, name="nothing.pdf", ink=b"")

    with started() as pool:
        marks = [first_page(pool, path).blank for path in (page, nothing)]

    assert marks == [False, True]


def test_no_reader_runs_before_there_is_a_file() -> None:
    with started():
        before = readers()

    assert before == []


def test_many_threads_share_few_readers(page: Path) -> None:
    with started(readers=2) as pool, ThreadPoolExecutor(6) as threads:
        together = Barrier(6)

        def read(_: int) -> int:
            together.wait()
            return first_page(pool, page).width

        widths = list(threads.map(read, range(6)))
        count = len(readers())

    assert widths == [556] * 6
    assert 1 <= count <= 2


def test_one_file_after_the_other_is_read_by_the_same_process(page: Path) -> None:
    with started(readers=3) as pool:
        first_page(pool, page)
        first = reader().pid
        first_page(pool, page)
        second = reader().pid

    assert first == second


def test_a_document_that_lets_go_leaves_its_reader_to_the_next(page: Path) -> None:
    with started(readers=1) as pool, pool.open(page) as first:
        first.render(1).release()
        first.let_go()
        first.let_go()  # a second time does nothing

        with pool.open(page) as second:  # would wait for ever for the only reader
            assert second.count == 1


def test_a_refused_file_costs_no_reader(tmp_path: Path, page: Path) -> None:
    locked = bad_files.encrypted_pdf(tmp_path)
    with started() as pool:
        first_page(pool, page)
        before = reader().pid

        with pytest.raises(Encrypted, match="needs a password") as refused, pool.open(locked):
            pass

        first_page(pool, page)
        assert reader().pid == before
    assert refused.value.hint


def test_a_file_that_has_gone_says_so(tmp_path: Path) -> None:
    with started() as pool, pytest.raises(SourceGone), pool.open(tmp_path / "gone.pdf"):
        pass


def test_a_page_that_takes_too_long_costs_its_reader_and_no_other_file(tmp_path: Path, page: Path) -> None:
    endless = bad_files.nesting_bomb_pdf(tmp_path)
    with started(PageLimits(page_seconds=1.0)) as pool:
        first_page(pool, page)
        before = reader().pid

        with pytest.raises(TooLarge, match=r"Page 1 of nesting_bomb\.pdf took longer than 1 s") as refused:
            first_page(pool, endless)

        assert first_page(pool, page).width == 556
        assert reader().pid != before
    assert "limits.render_seconds" in refused.value.hint


def test_a_page_that_eats_memory_costs_its_reader_and_no_other_file(tmp_path: Path, page: Path) -> None:
    hungry = bad_files.text_bomb_pdf(tmp_path)
    with started(PageLimits(memory_bytes=300 * 1024**2)) as pool:
        with pytest.raises(TooLarge, match=r"Page 1 of text_bomb\.pdf needs more than 0.29 GiB") as refused:
            first_page(pool, hungry)

        assert first_page(pool, page).width == 556
    assert "limits.reader_megabytes" in refused.value.hint


def test_a_reader_that_dies_in_a_page_leaves_nothing_behind(tmp_path: Path, page: Path, eventually: Eventually) -> None:
    endless, before = bad_files.nesting_bomb_pdf(tmp_path), blocks()
    with started() as pool, ThreadPoolExecutor(1) as thread:
        first_page(pool, page)
        victim = reader()
        reading = thread.submit(first_page, pool, endless)
        eventually(lambda: victim.cpu_times().user > 0.5)

        victim.kill()

        with pytest.raises(ReaderCrashed, match=r"at Page 1 of nesting_bomb\.pdf"):
            reading.result(timeout=20)
        assert first_page(pool, page).width == 556
    eventually(lambda: not blocks() - before)


def test_a_reader_that_dies_idle_is_replaced_without_a_word(page: Path, eventually: Eventually) -> None:
    with started() as pool:
        first_page(pool, page)

        reader().kill()
        eventually(lambda: not readers())

        assert first_page(pool, page).width == 556


def test_an_idle_reader_is_ended(page: Path, eventually: Eventually) -> None:
    with started(idle_seconds=0.2) as pool:
        first_page(pool, page)

        eventually(lambda: not readers())

        assert first_page(pool, page).width == 556


def test_stopping_ends_a_reader_in_the_middle_of_a_page(tmp_path: Path, eventually: Eventually) -> None:
    endless = bad_files.nesting_bomb_pdf(tmp_path)
    with started() as pool, ThreadPoolExecutor(1) as thread:
        reading = thread.submit(first_page, pool, endless)
        eventually(lambda: readers() and reader().cpu_times().user > 0.5)

        pool.stop()

        with pytest.raises(ReaderCrashed):
            reading.result(timeout=20)
    assert readers() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no Ctrl+C to a single process")
def test_ctrl_c_in_the_terminal_does_not_end_a_reader(page: Path) -> None:
    with started() as pool:
        first_page(pool, page)
        before = reader()

        before.send_signal(signal.SIGINT)

        first_page(pool, page)
        assert reader().pid == before.pid


def test_a_file_is_let_go_when_its_document_is_closed(tmp_path: Path, eventually: Eventually) -> None:
    path = bad_files.pdf(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:9] + b"%" * IN_MEMORY_BYTES + b"\n" + content[9:])

    def held() -> bool:
        return str(path) in (file.path for file in reader().open_files())

    with started() as pool:
        with pool.open(path):
            held_inside = held()
        eventually(lambda: not held())

    assert held_inside


def test_the_main_process_loads_neither_pdfium_nor_pillow() -> None:
    code = "import sys, gotwatch.pages.reader; print(sorted({'PIL', 'pypdfium2', 'numpy'} & sys.modules.keys()))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 as POSIX knows it")
def test_when_the_program_is_killed_its_readers_and_their_memory_go(
    tmp_path: Path, page: Path, eventually: Eventually
) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
            import multiprocessing, sys, time
            from pathlib import Path
            from gotwatch.pages.base import PageLimits
            from gotwatch.pages.reader import ReaderPool

            if __name__ == "__main__":
                pool = ReaderPool(PageLimits(), readers=1)
                pool.start()
                with pool.open(Path(sys.argv[1])) as document:
                    hold = document.render(1)
                    print(multiprocessing.active_children()[0].pid, hold.page.block, flush=True)
                    time.sleep(60)
        """),
        encoding="utf-8",
    )
    program = subprocess.Popen([sys.executable, script, page], stdout=subprocess.PIPE, text=True, env=_with_us())
    assert program.stdout is not None
    pid, block = program.stdout.readline().split()

    program.kill()

    eventually(lambda: not psutil.pid_exists(int(pid)))
    eventually(lambda: not Path("/dev/shm", block).exists())
    program.communicate()


def test_nothing_is_said_about_leaked_memory_at_the_end(tmp_path: Path, page: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
            import sys
            from pathlib import Path
            from gotwatch.pages.base import PageLimits
            from gotwatch.pages.reader import ReaderPool

            if __name__ == "__main__":
                pool = ReaderPool(PageLimits(), readers=1)
                with pool.open(Path(sys.argv[1])) as document:
                    document.render(1).release()
                    document.render(1).release()
        """),
        encoding="utf-8",
    )

    done = subprocess.run([sys.executable, script, page], capture_output=True, text=True, check=True, env=_with_us())

    assert (done.stdout, done.stderr) == ("", "")


def _with_us() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
