"""What may be set about inboxes, and what is said of what may not."""

from pathlib import Path

import pytest
from librarian.inboxes import Inbox
from librarian.settings import LibrarianSettings
from pydantic import SecretStr, ValidationError

pytestmark = pytest.mark.unit


def said_of(**settings: object) -> str:
    """The sentence that refuses these settings."""
    with pytest.raises(ValidationError) as refused:
        LibrarianSettings.model_validate(settings)
    return str(refused.value)


def test_without_any_setting_there_is_one_inbox_that_is_emptied(tmp_path: Path) -> None:
    settings = LibrarianSettings(data_dir=tmp_path)
    assert settings.inboxes == (Inbox("inbox", tmp_path / "inbox", "move"),)
    assert settings.other_files == "leave"
    assert settings.keep_free_bytes == 1 << 30


def test_further_inboxes_come_after_the_main_one(tmp_path: Path) -> None:
    settings = LibrarianSettings(
        data_dir=tmp_path,
        inbox_mode="keep",
        more_inboxes="camera:keep:/mnt/camera, scans:move:/srv/my scans/../new: ,",
    )
    assert settings.inboxes == (
        Inbox("inbox", tmp_path / "inbox", "keep"),
        Inbox("camera", Path("/mnt/camera"), "keep"),
        Inbox("scans", Path("/srv/new:"), "move"),
    )


def test_the_environment_sets_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PF_INBOX_MODE", "keep")
    monkeypatch.setenv("PF_MORE_INBOXES", "card:move:/mnt/card")
    monkeypatch.setenv("PF_KEEP_FREE_BYTES", "")
    settings = LibrarianSettings()
    assert [(inbox.name, inbox.mode) for inbox in settings.inboxes] == [
        ("inbox", "keep"),
        ("card", "move"),
    ]
    assert settings.keep_free_bytes == 1 << 30


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("camera", "the inbox camera is not of the form name:mode:path"),
        ("camera:keep", "is not of the form name:mode:path"),
        ("camera:keep:", "is not of the form name:mode:path"),
        ("camera:copy:/mnt/a", "has the mode 'copy'; it is move or keep"),
        ("camera:keep:mnt/a", "has the path mnt/a, which does not begin with /"),
        ("Camera:keep:/mnt/a", "has the name 'Camera'; a name has 1 to 30 small letters"),
        (f"{'a' * 31}:keep:/mnt/a", "a name has 1 to 30 small letters, digits and hyphens"),
        (":keep:/mnt/a", "has the name ''"),
        ("inbox:keep:/mnt/a", "has the name inbox, which the main inbox has"),
        ("a:keep:/mnt/a,a:move:/mnt/b", "two inboxes have the name a; each needs its own"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_with_a_reason(entry: str, sentence: str) -> None:
    assert sentence in said_of(more_inboxes=entry)


@pytest.mark.parametrize(
    "entry",
    [
        "a:keep:{data}/library",
        "a:keep:{data}/library/2024",
        "a:keep:{data}",
        "a:move:{data}/derivatives/x",
        "a:move:{data}/quarantine",
        "a:move:{data}/inbox/a",
        "a:move:/mnt/card, b:move:/mnt/card/DCIM",
        "a:move:/mnt/card, b:keep:/mnt/card",
        "a:move:/mnt/x/../..{data}/library",
    ],
)
def test_folders_in_one_another_are_refused(entry: str, tmp_path: Path) -> None:
    said = said_of(data_dir=tmp_path, more_inboxes=entry.format(data=tmp_path))
    assert "lie inside one another" in said
    assert "the folder of the inbox a" in said


def test_a_link_to_the_library_is_no_way_around(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "library")
    said = said_of(data_dir=tmp_path, more_inboxes=f"a:keep:{tmp_path}/link")
    assert "the library" in said


def test_a_quarantine_in_the_inbox_is_refused(tmp_path: Path) -> None:
    """Else each damaged file would come in again, and again."""
    said = said_of(data_dir=tmp_path, quarantine_dir=tmp_path / "inbox" / "bad")
    assert "the quarantine folder" in said


@pytest.mark.parametrize("name", ["/mnt/ab", "/mnt/a-b"])
def test_a_name_that_begins_alike_is_no_nesting(name: str, tmp_path: Path) -> None:
    settings = LibrarianSettings(data_dir=tmp_path, more_inboxes=f"a:move:/mnt/a,b:move:{name}")
    assert len(settings.inboxes) == 3


def test_the_key_of_syncthing_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    (tmp_path / "empty").write_text("\n")
    keys = [
        LibrarianSettings(data_dir=tmp_path).syncthing_key(),
        LibrarianSettings(syncthing_api_key=SecretStr("direct")).syncthing_key(),
        LibrarianSettings(syncthing_api_key_file=tmp_path / "key").syncthing_key(),
        LibrarianSettings(syncthing_api_key_file=tmp_path / "empty").syncthing_key(),
    ]
    assert keys == [None, "direct", "from-file", None]


def test_the_key_of_syncthing_is_never_shown() -> None:
    assert "hush" not in repr(LibrarianSettings(syncthing_api_key=SecretStr("hush")))


def test_the_address_of_syncthing_is_one_of_the_web() -> None:
    assert "an example is http://127.0.0.1:8384" in said_of(syncthing_url="file:///etc/passwd")
    assert LibrarianSettings(syncthing_url="http://a:8384/").syncthing_url == "http://a:8384"
