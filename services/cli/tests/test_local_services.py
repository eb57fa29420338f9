"""What the services of local mode are started with."""

import configparser
import os
import shlex
import sys
from pathlib import Path

import pytest
from cli.local.services import PROGRAMS, environment
from cli.local.settings import LocalSettings
from cli.local.supervisor_config import COMMAND, current_umask, render, variables

pytestmark = pytest.mark.unit


def parsed(**options: bool) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(render(PROGRAMS, 20, 0o022, is_root=options.get("is_root", False)))
    return parser


def test_every_service_is_restarted_and_has_a_log_of_its_own() -> None:
    configuration = parsed()
    for program in PROGRAMS:
        section = configuration[f"program:{program.name}"]
        assert section["autorestart"] == "true"
        assert section["command"].endswith(f" -m {program.module}")
        assert section["stdout_logfile"].endswith(f"/{program.name}.log")


def test_all_services_stop_at_once_and_have_longer_than_their_grace() -> None:
    configuration = parsed()
    assert configuration["group:line"]["programs"].split(",") == [one.name for one in PROGRAMS]
    waits = {configuration[f"program:{one.name}"]["stopwaitsecs"] for one in PROGRAMS}
    assert waits == {"25"}


def test_the_configuration_names_no_path_of_this_machine() -> None:
    text = render(PROGRAMS, 20, 0o022, is_root=True)
    assert sys.executable not in text
    assert str(Path.cwd()) not in text


def test_only_root_is_told_to_be_root() -> None:
    assert parsed(is_root=True)["supervisord"]["user"] == "root"
    assert "user" not in parsed()["supervisord"]


def test_the_command_survives_odd_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "/home/me/photos #1; 100%/.venv/bin/python"
    monkeypatch.setattr(sys, "executable", odd)
    assert shlex.split(variables(Path("/logs"))[COMMAND])[-1] == odd


def test_the_umask_is_kept() -> None:
    before = os.umask(0o027)
    try:
        assert current_umask() == 0o027
        assert current_umask() == 0o027
    finally:
        os.umask(before)


def test_services_get_absolute_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = LocalSettings(data_dir=Path("photos"), inbox_dir=Path("drop"))
    told = environment(settings, {"PF_DATA_DIR": "photos", "PF_INBOX_DIR": "drop"})
    assert told["PF_DATA_DIR"] == str(tmp_path / "photos")
    assert told["PF_INBOX_DIR"] == str(tmp_path / "drop")
    assert "PF_LIBRARY_DIR" not in told


def test_the_database_password_is_in_no_environment(tmp_path: Path) -> None:
    told = environment(LocalSettings(data_dir=tmp_path), {"HOME": "/home/me"})
    assert "PF_DATABASE_URL" not in told


def test_a_module_in_the_current_folder_is_not_taken_for_a_service(tmp_path: Path) -> None:
    assert environment(LocalSettings(data_dir=tmp_path), {})["PYTHONSAFEPATH"] == "1"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501/"),
        ("0.0.0.0", "http://127.0.0.1:8501/"),  # noqa: S104 - what a user may set
        ("::", "http://[::1]:8501/"),
        ("192.168.1.5", "http://192.168.1.5:8501/"),
    ],
)
def test_the_address_shown_works_in_a_browser_here(address: str, url: str) -> None:
    assert LocalSettings(dashboard_address=address).dashboard_url == url
