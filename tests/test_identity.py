"""A folder is known by what it is, not by where it stands."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gotwatch.inbox import identity
from gotwatch.inbox.identity import Identity, Mount
from tests.folders import Mounts, as_nobody, make_files, open_to_all

STICK = Identity(device=2065, inode=2, mount="/media/me/SCANS", volume="4A3F-11C2")


@pytest.fixture
def mounts() -> Iterator[Mounts]:
    with Mounts() as mounts:
        yield mounts


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        pytest.param(STICK, STICK, id="nothing changed"),
        pytest.param(STICK, Identity(2081, 2, "/media/me/SCANS", "4A3F-11C2"), id="attached again, as another device"),
        pytest.param(STICK, Identity(2065, 77, "/media/me/SCANS", "4A3F-11C2"), id="deleted and made anew"),
        pytest.param(STICK, Identity(2065, 2, "/media/me/SCANS1", "4A3F-11C2"), id="mounted elsewhere, behind a link"),
        pytest.param(Identity(5, 9, "/", ""), Identity(5, 10, "/", ""), id="made anew on an unnamed volume"),
        pytest.param(Identity(5, 9, "/", ""), Identity(6, 9, "/", ""), id="unnamed volume after a restart"),
        pytest.param(Identity(5, 9, "/", ""), Identity(5, 9, "/", "UUID"), id="the volume's name came to be known"),
        pytest.param(
            Identity(50, 2, "/mnt/nas", "//nas/scans"), Identity(51, 2, "/mnt/nas", "//nas/scans"), id="share, again"
        ),
    ],
)
def test_it_is_the_same_folder(known: Identity, seen: Identity) -> None:
    assert identity.same_folder(known, seen)


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        pytest.param(STICK, Identity(2049, 1311, "/", "root-uuid"), id="the empty mount point"),
        pytest.param(
            STICK, Identity(2065, 2, "/media/me/SCANS", "99FF-0000"), id="another stick, given the same number"
        ),
        pytest.param(
            Identity(60, 1, "/mnt/x", ""), Identity(2049, 5, "/", ""), id="empty mount point, unnamed volumes"
        ),
        pytest.param(
            Identity(50, 2, "/mnt/nas", "//nas/scans"), Identity(52, 2, "/mnt/nas", "//nas/photos"), id="another share"
        ),
    ],
)
def test_it_is_another_folder(known: Identity, seen: Identity) -> None:
    assert not identity.same_folder(known, seen)


def test_a_folder_that_is_gone_or_no_folder_is_nothing(tmp_path: Path) -> None:
    make_files(tmp_path, "file")

    assert identity.identify(tmp_path / "gone") is None
    assert identity.identify(tmp_path / "file") is None
    assert identity.identify(tmp_path / "file" / "below") is None


def test_what_still_stands_there_is_given_back_as_it_was_known(tmp_path: Path) -> None:
    before = identity.identify(tmp_path)

    assert before
    assert identity.identify(tmp_path, before) is before


def test_a_folder_made_anew_in_its_place_is_seen_and_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    before = identity.identify(folder)
    folder.rename(tmp_path / "away")
    folder.mkdir()

    after = identity.identify(folder, before)

    assert before
    assert after
    assert after.inode != before.inode
    assert identity.same_folder(before, after)


def test_an_empty_mount_point_is_not_the_folder(tmp_path: Path, mounts: Mounts) -> None:
    point = tmp_path / "stick"
    point.mkdir()
    mounts.new_volume(point)
    known = identity.identify(point)
    mounts.unmount(point)

    empty = identity.identify(point, known)
    mounts.new_volume(point)
    again = identity.identify(point, empty)

    assert known
    assert empty
    assert again
    assert not identity.same_folder(known, empty)
    assert identity.same_folder(known, again)


def test_a_folder_below_a_mount_belongs_to_it(tmp_path: Path, mounts: Mounts) -> None:
    point = tmp_path / "with space"
    point.mkdir()
    mounts.new_volume(point)
    (point / "deep" / "er").mkdir(parents=True)
    beside = tmp_path / "with space and more"
    beside.mkdir()

    assert identity.mount_of(point / "deep" / "er").point == str(point)
    assert identity.mount_of(point).kind == "tmpfs"
    assert identity.mount_of(beside).point != str(point)


def test_of_two_volumes_on_one_point_the_upper_one_counts(tmp_path: Path, mounts: Mounts) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "point").mkdir()
    mounts.again(tmp_path / "below", tmp_path / "point")
    mounts.new_volume(tmp_path / "point")

    assert identity.mount_of(tmp_path / "point").kind == "tmpfs"


def test_a_link_is_as_its_target(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert identity.identify(tmp_path / "link") == identity.identify(tmp_path / "real")


def test_a_folder_that_may_not_be_reached_is_an_error() -> None:
    with open_to_all() as folder:
        make_files(folder, "closed/scans/a.png")
        (folder / "closed").chmod(0o000)

        with pytest.raises(PermissionError):
            as_nobody(lambda: identity.identify(folder / "closed" / "scans"))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("//nas/scans", "cifs"),
        ("//nas/scans", "smb3"),
        ("nas:/scans", "nfs4"),
        ("me@host:/scans", "fuse.sshfs"),
        ("remote:", "fuse.rclone"),
        ("C:\\", "9p"),
        ("drvfs", "9p"),
        ("share", "vboxsf"),
        ("share", "virtiofs"),
        ("/run/host_mark/Users", "fakeowner"),
        ("\\\\nas\\scans", "network"),
        ("nas:/unheard-of", "somefs"),
    ],
)
def test_changes_on_shares_and_host_folders_are_not_told_of(source: str, kind: str) -> None:
    assert not identity.events_arrive(Mount("/mnt/x", source, kind))


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("/dev/sda1", "ext4"),
        ("/dev/sdb1", "vfat"),
        ("/dev/sdb1", "fuseblk"),  # NTFS on a local disk
        ("tank/home", "zfs"),
        ("tmpfs", "tmpfs"),
        ("overlay", "overlay"),
        ("/dev/disk1s1", "apfs"),
        ("C:\\", "NTFS"),
    ],
)
def test_changes_on_local_disks_are_told_of(source: str, kind: str) -> None:
    assert identity.events_arrive(Mount("/", source, kind))


def test_a_share_behind_a_drive_letter_is_a_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = SimpleNamespace(device="Z:\\", mountpoint=str(tmp_path), fstype="NTFS", opts="rw,remote")
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: [letter])

    assert not identity.events_arrive(identity.mount_of(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="a volume has a serial number there")
def test_a_local_volume_is_known_by_its_uuid_and_a_share_by_its_name(tmp_path: Path) -> None:
    make_files(tmp_path, "dev/sda1", "dev/sdb1")
    by_uuid = tmp_path / "by-uuid"
    by_uuid.mkdir()
    (by_uuid / "4A3F-11C2").symlink_to("../dev/sdb1")

    stick = identity.volume_of(Mount("/media/me/SCANS", str(tmp_path / "dev/sdb1"), "vfat"), 2065, by_uuid=by_uuid)
    unnamed = identity.volume_of(Mount("/", str(tmp_path / "dev/sda1"), "ext4"), 2049, by_uuid=by_uuid)
    share = identity.volume_of(Mount("/mnt/nas", "//nas/scans", "cifs"), 50, by_uuid=by_uuid)

    assert (stick, unnamed, share) == ("4A3F-11C2", "", "//nas/scans")


@pytest.mark.skipif(os.name == "nt", reason="/dev is of other systems")
def test_the_volume_of_this_very_folder_is_known(tmp_path: Path) -> None:
    mount = identity.mount_of(tmp_path)

    assert tmp_path.is_relative_to(mount.point)
    assert mount.kind
