"""Settings: folders that must not nest, passwords that come from files, errors in sentences."""

from pathlib import Path

import pytest
from photo_factory.settings import Settings, load
from pydantic import SecretStr, ValidationError

pytestmark = pytest.mark.unit


def test_folders_lie_in_the_data_folder_unless_moved(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, library_dir=Path("/mnt/nas/photos"))
    assert settings.inbox == tmp_path / "inbox"
    assert settings.library == Path("/mnt/nas/photos")


def test_an_inbox_inside_the_library_is_refused(tmp_path: Path) -> None:
    """The inbox is emptied: inside the library that would remove originals."""
    with pytest.raises(ValidationError, match=r"inbox folder .* lies inside the library"):
        Settings(data_dir=tmp_path, library_dir=tmp_path)


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s p/c:t@\n")
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr("postgresql://pf@db:5432/photos"),
        database_password_file=tmp_path / "password",
    )
    assert settings.database_address() == "postgresql://pf:s%20p%2Fc%3At%40@db:5432/photos"


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="set PF_DATABASE_URL, or start local mode"):
        Settings(data_dir=tmp_path).database_address()


def test_a_wrong_setting_ends_with_a_sentence_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PF_POLL_SECONDS", "never")
    monkeypatch.setenv("PF_DATABASE_URL", "postgresql://pf:hunter2@db/photos")
    with pytest.raises(SystemExit) as ended:
        load(Settings)
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert "PF_POLL_SECONDS" in message
    assert "hunter2" not in message
