"""The effective settings, their sources, and the secrets that stay hidden."""

from pathlib import Path

import pytest
from cli.commands.config import MASK, Effective, effective, mask
from photo_factory.settings import Settings
from pydantic import SecretStr

pytestmark = pytest.mark.unit

ADDRESS = "postgresql://me:geheim@db:5432/photos"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (ADDRESS, f"postgresql://me:{MASK}@db:5432/photos"),
        ("postgresql://me@db/photos", "postgresql://me@db/photos"),
        ("postgresql://me:a@b:c@db/photos", f"postgresql://me:{MASK}@db/photos"),
        ("postgresql://me:a/b@db/photos", f"postgresql://me:{MASK}@db/photos"),
        ("postgresql://db:5432/photos", "postgresql://db:5432/photos"),
        ("postgresql:///x?host=/s&password=geheim", f"postgresql:///x?host=/s&password={MASK}"),
        ("Europe/Rome", "Europe/Rome"),
    ],
)
def test_passwords_in_addresses_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_what_the_environment_sets_is_told_from_defaults(tmp_path: Path) -> None:
    shown = effective(Settings(data_dir=tmp_path), {}, show_secrets=False)
    assert shown["data_dir"] == Effective(str(tmp_path), "environment")
    assert shown["library_dir"] == Effective(str(tmp_path / "library"), "default")
    assert shown["database_url"] == Effective(None, "default")


def test_the_address_that_local_mode_left_is_shown(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.state.mkdir()
    settings.local_database_url_file.write_text(ADDRESS)
    hidden = effective(settings, {}, show_secrets=False)["database_url"]
    assert hidden == Effective(mask(ADDRESS), "state file")
    shown = effective(settings, {}, show_secrets=True)["database_url"]
    assert shown == Effective(ADDRESS, "state file")


def test_an_address_that_cannot_be_understood_is_hidden_whole(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=SecretStr("geheim geheim"))
    assert effective(settings, {}, show_secrets=False)["database_url"].value == MASK


def test_settings_of_single_services_are_shown_as_the_environment_has_them(
    tmp_path: Path,
) -> None:
    environment = {
        "PF_WATCH_MODE": "poll",
        "PF_S3_SECRET_KEY": "geheim",
        "PF_S3_SECRET_KEY_FILE": "/run/secrets/key",
        "PF_EMPTY": "",
        "HOME": "/root",
    }
    shown = effective(Settings(data_dir=tmp_path), environment, show_secrets=False)
    assert shown["watch_mode"] == Effective("poll", "environment")
    assert shown["s3_secret_key"] == Effective(MASK, "environment")
    assert shown["s3_secret_key_file"] == Effective("/run/secrets/key", "environment")
    assert "empty" not in shown
    assert "home" not in shown
