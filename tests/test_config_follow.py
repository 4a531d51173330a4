"""A changed config file is noticed, once it is whole."""

from pathlib import Path

from gotwatch.config.follow import ConfigFile, Stamp, stamp_of


class Shown:
    """A file that looks as it is told to."""

    def __init__(self) -> None:
        self.stamp: Stamp | None = (1, 100, 5)
        self.file = ConfigFile(Path("config.toml"), lambda _: self.stamp)
        self.file.take()

    def looks(self, *stamps: Stamp | None) -> list[bool]:
        told = []
        for stamp in stamps:
            self.stamp = stamp
            told.append(self.file.has_changed())
        return told


def test_a_file_that_stays_as_it_is_has_not_changed() -> None:
    assert Shown().looks((1, 100, 5), (1, 100, 5)) == [False, False]


def test_a_change_is_told_once_and_when_it_is_over() -> None:
    half, whole = (1, 40, 6), (1, 120, 7)

    assert Shown().looks(half, whole, whole, whole) == [False, False, True, False]


def test_a_file_that_is_replaced_is_another_one() -> None:
    assert Shown().looks(None, (2, 100, 5), (2, 100, 5)) == [False, False, True]


def test_a_file_that_is_away_for_a_moment_has_not_changed() -> None:
    assert Shown().looks(None, (1, 100, 5), (1, 100, 5)) == [False, False, False]


def test_a_file_that_stays_away_has_changed() -> None:
    assert Shown().looks(None, None, None) == [False, True, False]


def test_a_real_file_is_told_apart_from_its_successor(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("a = 1", "utf-8")
    before = stamp_of(path)
    (tmp_path / "new").write_text("a = 2", "utf-8")
    (tmp_path / "new").replace(path)

    assert before != stamp_of(path)
    assert stamp_of(tmp_path / "gone") is None
