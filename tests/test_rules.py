"""Which entries of a folder are documents, and what is said of the others."""

import stat
from pathlib import PurePath

import pytest

from gotwatch.documents import DOCUMENT_SUFFIXES
from gotwatch.inbox.rules import Ignored, Rule, Rules, Traits

A_FILE = Traits(stat.S_IFREG | 0o644)
A_FOLDER = Traits(stat.S_IFDIR | 0o755)


def judge(path: str, *patterns: str, traits: Traits = A_FILE) -> Ignored | None:
    return Rules(patterns).path(PurePath(path), traits)


def rule_of(path: str, *patterns: str, traits: Traits = A_FILE) -> Rule | None:
    ignored = judge(path, *patterns, traits=traits)
    return ignored.rule if ignored else None


@pytest.mark.parametrize("suffix", sorted(DOCUMENT_SUFFIXES))
def test_every_document_type_is_read_in_any_case(suffix: str) -> None:
    assert judge(f"scan{suffix}") is None
    assert judge(f"SCAN{suffix.upper()}") is None


@pytest.mark.parametrize(
    "name",
    [
        "a.png",
        "deep/er/still/a.png",
        "two words.pdf",
        "文書.pdf",
        "🧾 receipt.jpg",
        "cafe\N{COMBINING ACUTE ACCENT}.tif",
        "x" * 236 + ".png",
        "\udcff.png",
        "part.png",
        "download.pdf",
        "~tilde.png",
        "CON.png",
        "thumbs.db.png",
        "a.part/b.png",
        "trailing space .png",
        "back\\slash.png",
    ],
)
def test_ordinary_and_odd_names_of_documents_are_read(name: str) -> None:
    assert judge(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "x.png.part",
        "y.pdf.crdownload",
        "y.pdf.CRDOWNLOAD",
        "y.pdf.download",
        "y.pdf.opdownload",
        "y.pdf.partial",
        "y.pdf.filepart",
        "y.pdf.tmp",
        "y.pdf~",
        "~$z.pdf",
        ".z.pdf",
        "._a.png",
        ".gotwatch-k2j3.png",
        "Thumbs.db",
        "desktop.ini",
        "Icon\r",
        "@eaDir/a.png",
        "sub/@eaDir/SYNOFILE_THUMB_M.jpg",
        ".stversions/a.png",
        ".Trash-1000/files/a.png",
        "#recycle/a.png",
        "$RECYCLE.BIN/a.png",
        "lost+found/a.png",
        "__MACOSX/a.png",
    ],
)
def test_unfinished_hidden_and_system_names_are_passed_over(name: str) -> None:
    assert rule_of(name) is Rule.PASSING


def test_the_reason_for_an_unfinished_name_says_what_happens_next() -> None:
    ignored = judge("x.png.part")

    assert ignored
    assert ignored.reason == "its name says that it is not finished; it is read once it has its final name"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("letter.docx", ".docx is no type that gotwatch reads"),
        ("LETTER.TXT", ".txt is no type that gotwatch reads"),
        ("README", "a name without an ending is no type that gotwatch reads"),
        ("a.png.txt", ".txt is no type that gotwatch reads"),  # what we write is never read
        ("a.png.html", ".html is no type that gotwatch reads"),
        ("odd.\udcff", ".\\udcff is no type that gotwatch reads"),
    ],
)
def test_other_types_are_told_apart_in_words_that_can_be_printed(name: str, reason: str) -> None:
    ignored = judge(name)

    assert ignored == Ignored(Rule.TYPE, reason)
    assert reason.encode("utf-8")


@pytest.mark.parametrize(
    ("path", "patterns"),
    [
        ("drafts/a.png", ["drafts/"]),
        ("sub/drafts/a.png", ["drafts/"]),
        ("a.draft.png", ["*.draft.png"]),
        ("sub/a.draft.png", ["*.draft.png"]),
        ("top.png", ["/top.png"]),
        ("a/b/c.png", ["a/**/c.png"]),
        ("a/x/y/c.png", ["a/**"]),
        ("a1.png", ["a[0-9].png"]),
        ("b.png", ["*.png", "!a.png"]),
        ("drafts/keep.png", ["drafts/", "!drafts/keep.png"]),  # as in git, nothing comes back out of a left-out folder
        ("\udcff.png", ["*.png"]),
        ("文書.pdf", ["文書*"]),
    ],
)
def test_patterns_leave_out_what_git_would(path: str, patterns: list[str]) -> None:
    assert rule_of(path, *patterns) is Rule.PATTERN


@pytest.mark.parametrize(
    ("path", "patterns"),
    [
        ("drafts.png", ["drafts/"]),
        ("sub/top.png", ["/top.png"]),
        ("a.png", ["*.png", "!a.png"]),
        ("a/keep.png", ["a/*", "!a/keep.png"]),
        ("ab.png", ["a[0-9].png"]),
        ("a.png", ["# *.png"]),
        ("a.png", ["", "   "]),
        ("#a.png", ["\\#b.png"]),
    ],
)
def test_patterns_keep_what_git_would(path: str, patterns: list[str]) -> None:
    assert judge(path, *patterns) is None


def test_the_reason_names_the_pattern_that_decided() -> None:
    ignored = judge("b.draft.png", "", "# drafts", "*.jpg", "*.draft.png", "!a.draft.png")

    assert ignored == Ignored(Rule.PATTERN, "the ignore pattern '*.draft.png' matches")


def test_a_left_out_folder_is_not_looked_into() -> None:
    rules = Rules(["drafts/", "/only-here"])

    assert rules.folder(PurePath("drafts"))
    assert rules.folder(PurePath("sub/drafts"))
    assert rules.folder(PurePath("only-here"))
    assert rules.folder(PurePath("sub/only-here")) is None
    assert rules.folder(PurePath(".hidden"))
    assert rules.folder(PurePath("scans.pdf")) is None


@pytest.mark.parametrize(
    ("traits", "rule", "reason"),
    [
        (Traits(stat.S_IFLNK | 0o777), Rule.LINK, "it is a symbolic link; links are not followed"),
        (A_FOLDER, Rule.SPECIAL, "it is a folder, though named like a document"),
        (Traits(stat.S_IFIFO), Rule.SPECIAL, "it is a pipe, socket or device, not a file"),
        (Traits(stat.S_IFSOCK), Rule.SPECIAL, "it is a pipe, socket or device, not a file"),
        (Traits(stat.S_IFCHR), Rule.SPECIAL, "it is a pipe, socket or device, not a file"),
        (Traits(stat.S_IFBLK), Rule.SPECIAL, "it is a pipe, socket or device, not a file"),
    ],
)
def test_only_plain_files_are_documents_whatever_their_names(traits: Traits, rule: Rule, reason: str) -> None:
    assert judge("x.pdf", traits=traits) == Ignored(rule, reason)


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("a.pdf", Traits(stat.S_IFREG, windows_attributes=0x0040_0000)),  # recall on data access: OneDrive
        ("a.pdf", Traits(stat.S_IFREG, windows_attributes=0x0004_0000)),  # recall on open
        ("a.pdf", Traits(stat.S_IFREG, windows_attributes=0x0000_1000)),  # offline: older clients
        ("a.pdf", Traits(stat.S_IFREG, macos_flags=0x4000_0000)),  # dataless: iCloud, Dropbox
        (".a.pdf.icloud", A_FILE),
        ("a.pdf.nextcloud", A_FILE),
        ("a.PDF.owncloud", A_FILE),
    ],
)
def test_cloud_placeholders_are_listed_as_online_only(name: str, traits: Traits) -> None:
    assert rule_of(name, traits=traits) is Rule.ONLINE_ONLY


@pytest.mark.parametrize(
    "traits", [Traits(stat.S_IFDIR, windows_attributes=0x0004_0010), Traits(stat.S_IFDIR, macos_flags=0x4000_0000)]
)
def test_a_folder_whose_list_is_online_is_not_looked_into(traits: Traits) -> None:
    ignored = Rules([]).folder(PurePath("2024"), traits)

    assert ignored
    assert ignored.rule is Rule.ONLINE_ONLY


def test_a_folder_of_files_that_are_online_is_looked_into() -> None:
    pinned_online = 0x0040_0010  # recall on data access: of a folder's files, not of their list

    assert Rules([]).folder(PurePath("2024"), Traits(stat.S_IFDIR, windows_attributes=pinned_online)) is None


def test_a_note_of_a_cloud_client_is_no_document() -> None:
    assert rule_of("a.txt.nextcloud") is Rule.TYPE


def test_an_ordinary_windows_file_is_no_placeholder() -> None:
    archive_and_not_indexed = 0x20 | 0x2000

    assert judge("a.pdf", traits=Traits(stat.S_IFREG, windows_attributes=archive_and_not_indexed)) is None
