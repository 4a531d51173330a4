"""Watched folders and output folders that would get into each other's way are refused, whatever leads there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.configs import SHORTEST, new_config_file, problem, read
from tests.folders import Mounts


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return new_config_file(tmp_path)


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    with Mounts() as mounts:
        yield mounts


def test_two_watches_on_one_folder_are_refused(config_file: Path) -> None:
    error = problem(config_file, f"{SHORTEST}[[watch]]\nfolder = '{config_file.parent}/x/../in/'\noutput = 'out2'\n")

    assert error.message == f"config.toml, line 5: {config_file.parent / 'in'} is watched twice."


def test_two_watches_on_one_folder_are_refused_through_a_link(config_file: Path) -> None:
    (config_file.parent / "link").symlink_to("in")

    assert problem(config_file, f"{SHORTEST}[[watch]]\nfolder = 'link'\noutput = 'out2'\n").message.endswith(
        "link is watched twice."
    )


def test_a_watch_inside_another_by_way_of_a_link_is_refused(config_file: Path) -> None:
    (config_file.parent / "in" / "sub").mkdir()
    (config_file.parent / "link").symlink_to("in/sub")

    error = problem(config_file, f"{SHORTEST}[[watch]]\nfolder = 'link'\noutput = 'out2'\n")

    assert error.message == (
        f"config.toml, line 5: {config_file.parent / 'link'} is in truth a folder inside"
        f" {config_file.parent / 'in'}, which is watched too."
    )


@pytest.mark.parametrize("output", ["in", "in/out", "in/deep/er/out", "./in/../in/out", "other/../in"])
def test_an_output_inside_the_watched_folder_is_refused(config_file: Path, output: str) -> None:
    error = problem(config_file, f'[[watch]]\nfolder = "in"\noutput = "{output}"\n')

    assert error.message.startswith("config.toml, line 3: the output folder ")
    assert error.message.endswith(f" lies inside the watched folder {config_file.parent / 'in'}.")
    assert error.hint == "Results would be found as new files. Choose a folder outside of all watched ones."


def test_an_output_beside_the_watched_folder_with_a_longer_name_is_right(config_file: Path) -> None:
    assert read(config_file, '[[watch]]\nfolder = "in"\noutput = "in read"\n').watch


def test_an_output_inside_the_folder_of_another_watch_is_refused(config_file: Path) -> None:
    error = problem(config_file, f'[[watch]]\nfolder = "in2"\noutput = "in/out"\n{SHORTEST}')

    assert error.message.startswith("config.toml, line 3: the output folder")


def test_an_archive_inside_a_watched_folder_is_refused(config_file: Path) -> None:
    error = problem(config_file, f'{SHORTEST}archive = "in/done"\n')

    assert error.message.startswith("config.toml, line 4: the archive folder")


def test_an_output_that_leads_into_the_watched_folder_by_a_link_is_refused(config_file: Path) -> None:
    (config_file.parent / "out").symlink_to("in")

    assert "lies inside the watched folder" in problem(config_file, SHORTEST).message
    assert "lies inside the watched folder" in problem(config_file, SHORTEST.replace('"out"', '"out/deep"')).message


def test_an_output_is_refused_also_where_the_watched_folder_is_named_by_a_link(config_file: Path) -> None:
    (config_file.parent / "link").symlink_to("in")

    error = problem(config_file, '[[watch]]\nfolder = "link"\noutput = "in/out"\n')

    assert "lies inside the watched folder" in error.message


def test_folders_that_are_not_there_yet_are_told_apart_by_their_real_names(config_file: Path) -> None:
    (config_file.parent / "later").symlink_to("in")

    error = problem(config_file, '[[watch]]\nfolder = "later/scans"\noutput = "in/scans/out"\n')

    assert "lies inside the watched folder" in error.message


def test_links_in_a_circle_are_no_obstacle(config_file: Path) -> None:
    (config_file.parent / "circle").symlink_to("circle")

    assert read(config_file, '[[watch]]\nfolder = "in"\noutput = "circle/out"\n').watch


def test_another_case_is_the_same_folder_where_the_system_says_so(config_file: Path) -> None:
    if not (config_file.parent / "IN").exists():
        pytest.skip("this file system tells IN from in")

    assert "lies inside" in problem(config_file, '[[watch]]\nfolder = "in"\noutput = "IN/out"\n').message
    assert "watched twice" in problem(config_file, f'{SHORTEST}[[watch]]\nfolder = "IN"\noutput = "o"\n').message


def test_a_second_mount_of_the_watched_folder_is_seen_through(config_file: Path, mounts: Mounts) -> None:
    (config_file.parent / "mounted").mkdir()
    mounts.again(config_file.parent / "in", config_file.parent / "mounted")

    inside = problem(config_file, '[[watch]]\nfolder = "in"\noutput = "mounted/out"\n')
    twice = problem(config_file, f'{SHORTEST}[[watch]]\nfolder = "mounted"\noutput = "o"\n')

    assert "lies inside the watched folder" in inside.message
    assert "is watched twice" in twice.message


def test_a_mount_of_a_part_of_the_watched_folder_is_seen_through(config_file: Path, mounts: Mounts) -> None:
    """As in a container that has a folder of its host as /in, and a subfolder of that one as /out."""
    (config_file.parent / "in" / "read already").mkdir()
    (config_file.parent / "out").mkdir()
    mounts.again(config_file.parent / "in" / "read already", config_file.parent / "out")

    error = problem(config_file, SHORTEST)

    assert "lies inside the watched folder" in error.message


def test_a_volume_mounted_in_the_watched_folder_is_inside_of_it(config_file: Path, mounts: Mounts) -> None:
    (config_file.parent / "in" / "stick").mkdir()
    mounts.new_volume(config_file.parent / "in" / "stick")

    error = problem(config_file, '[[watch]]\nfolder = "in"\noutput = "in/stick/out"\n')

    assert "lies inside the watched folder" in error.message


def test_two_volumes_are_two_places(config_file: Path, mounts: Mounts) -> None:
    (config_file.parent / "out").mkdir()
    mounts.new_volume(config_file.parent / "in")
    mounts.new_volume(config_file.parent / "out")

    assert read(config_file, SHORTEST).watch
