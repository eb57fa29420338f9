"""The story of a failed file, told by the photo-factory command as a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from photo_factory.database import Connection
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/needs_attention.feature")

Ended = subprocess.CompletedProcess[str]


class Person:
    """Somebody at a terminal, and the last answer that they got."""

    def __init__(self, data: Path, database_url: str) -> None:
        self._environment = {
            **os.environ,
            "PF_DATA_DIR": str(data),
            "PF_DATABASE_URL": database_url,
        }
        self.answer: Ended | None = None

    def types(self, *arguments: str) -> None:
        """Run photo-factory with these arguments."""
        self.answer = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def person(tmp_path: Path, database_url: str) -> Person:
    return Person(tmp_path, database_url)


@given(parsers.parse('a photo in the inbox that failed as "{code}"'))
def _(connection: Connection, code: str) -> None:
    connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, "
        "state, next_try_at, error_code) VALUES ('inbox', 'a.jpg', 'a.jpg', 1, 1, 1, 1, 'failed', "
        "now(), %s)",
        (code,),
    )


@given(parsers.parse('a photo in the library on which the thumbnailer gave up as "{code}"'))
def _(connection: Connection, code: str) -> None:
    connection.execute(
        "WITH asset AS (INSERT INTO media_assets (sha256, path, original_name, source, "
        "media_type, mime_type, size_bytes, captured_local, captured_source) VALUES "
        "(sha256('a'), '2024/a.jpg', 'a.jpg', 'inbox/a.jpg', 'photo', 'image/jpeg', 1, now(), "
        "'mtime') RETURNING id) INSERT INTO stage_work (stage, asset_id, state, error_code) "
        "SELECT 'thumbnailer', id, 'dead', %s FROM asset",
        (code,),
    )


@when("I ask for the problems")
def _(person: Person) -> None:
    person.types("problems")


@when("I ask for the status")
def _(person: Person) -> None:
    person.types("status")


@when(parsers.parse('I retry the cause "{code}"'))
def _(person: Person, code: str) -> None:
    person.types("retry", "--code", code)


@then(parsers.parse("the command ends with {code:d}"))
def _(person: Person, code: int) -> None:
    assert person.answer is not None
    assert person.answer.returncode == code, person.answer.stderr


@then(parsers.parse('I read "{words}"'))
def _(person: Person, words: str) -> None:
    assert person.answer is not None
    assert words in person.answer.stdout
