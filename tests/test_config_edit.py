"""The config file changed by commands: what its owner wrote stays."""

from pathlib import Path

import pytest

from gotwatch.config import edit, load
from gotwatch.config.example import example
from gotwatch.errors import ConfigError, UsageError

OWN = """\
# my config

[engine]   # the old laptop
name = "paddle"

# invoices come here
[[watch]]
folder = "invoices"  # from the scanner
output = "read"
# all of them
ignore = ["drafts/"]

# letters, from the phone
[[watch]]
folder = "letters"
output = "read letters"

# how much it writes
[log]
level = "debug"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_a_folder_is_added_and_all_else_stays_as_it_was(config: Path, tmp_path: Path) -> None:
    after = edit.add(config, "faxes", "read faxes", {"mode": "format"})

    assert config.read_text("utf-8") == OWN + '\n[[watch]]\nfolder = "faxes"\noutput = "read faxes"\nmode = "format"\n'
    assert after == load.load(config)
    assert after.watch[-1].folder == tmp_path / "faxes"


def test_a_folder_is_removed_with_what_is_said_of_it_and_all_else_stays(config: Path, tmp_path: Path) -> None:
    edit.remove(config, tmp_path / "invoices")

    assert config.read_text("utf-8") == OWN.replace(
        '# invoices come here\n[[watch]]\nfolder = "invoices"  # from the scanner\noutput = "read"\n'
        '# all of them\nignore = ["drafts/"]\n\n',
        "",
    )


def test_the_comments_of_the_section_behind_a_removed_folder_stay(config: Path, tmp_path: Path) -> None:
    edit.remove(config, tmp_path / "letters")

    assert config.read_text("utf-8").endswith('ignore = ["drafts/"]\n\n# how much it writes\n[log]\nlevel = "debug"\n')


def test_what_is_added_and_removed_leaves_no_trace(config: Path, tmp_path: Path) -> None:
    edit.add(config, "faxes", "read faxes", {})
    edit.remove(config, tmp_path / "faxes")

    assert config.read_text("utf-8").rstrip("\n") == OWN.rstrip("\n")


def test_the_commented_example_keeps_every_section_when_its_folder_goes(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    text = example(tmp_path / "in", tmp_path / "out")
    config.write_text(text, "utf-8")

    after = edit.remove(config, tmp_path / "in")

    assert after.watch == ()
    engine = text.index("# The model that reads.")
    assert config.read_text("utf-8").endswith(text[engine:])
    assert config.read_text("utf-8").startswith("# gotwatch's config.")


def test_windows_line_ends_stay(config: Path) -> None:
    config.write_bytes(OWN.replace("\n", "\r\n").encode())

    edit.add(config, "faxes", "read faxes", {})

    assert config.read_bytes().count(b"\n") == config.read_bytes().count(b"\r\n")


def test_a_linked_config_is_changed_where_it_lies_with_its_permissions(config: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(config)
    config.chmod(0o600)

    edit.add(link, "faxes", "read faxes", {})

    assert link.is_symlink()
    assert "faxes" in config.read_text("utf-8")
    assert config.stat().st_mode & 0o777 == 0o600


def test_odd_names_are_written_so_that_they_are_read_back(config: Path, tmp_path: Path) -> None:
    name = "Scans \"2026\" # 'neu' \\ 扫描"

    after = edit.add(config, name, "read them", {})

    assert after.watch[-1].folder == tmp_path / name


@pytest.mark.parametrize(
    ("folder", "output", "complaint"),
    [
        ("invoices", "elsewhere", "is watched twice"),
        ("faxes", "letters/read", "lies inside the watched folder"),
    ],
)
def test_what_would_be_wrong_is_refused_and_the_file_left_alone(
    config: Path, folder: str, output: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        edit.add(config, folder, output, {})

    assert config.read_text("utf-8") == OWN


def test_a_folder_that_is_not_watched_cannot_be_removed(config: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not watched"):
        edit.remove(config, tmp_path / "faxes")


def test_a_config_in_another_form_is_left_to_its_owner(config: Path, tmp_path: Path) -> None:
    inline = 'watch = [{ folder = "a", output = "b" }, { folder = "c", output = "d" }]\n'
    config.write_text(inline, "utf-8")

    with pytest.raises(UsageError, match="is not written as gotwatch knows it"):
        edit.remove(config, tmp_path / "a")

    assert config.read_text("utf-8") == inline


def test_text_that_looks_like_a_section_is_none(config: Path, tmp_path: Path) -> None:
    text = OWN.replace('"paddle"', '"paddle"\ncheckpoint = """\n[[watch]]\nfolder = 1"""')
    config.write_text(text, "utf-8")

    with pytest.raises(UsageError, match="is not written as gotwatch knows it"):
        edit.remove(config, tmp_path / "letters")

    assert config.read_text("utf-8") == text
