"""The story of a library that is checked, told by the photo-factory command as a process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from photo_factory.database import Connection
from photo_factory.roots import ensure_root
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/intact.feature")

Ended = subprocess.CompletedProcess[str]
INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source)
VALUES (sha256(%s), %s, 'x', 'inbox/x', 'photo', 'image/jpeg', 7, now(), 'test')
"""


@pytest.fixture
def library(tmp_path: Path, connection: Connection) -> Path:
    ensure_root(connection, "library", tmp_path / "library")
    return tmp_path / "library"


@given(parsers.parse("a library with {number:d} photos"))
def _(library: Path, connection: Connection, number: int) -> None:
    for one in range(1, number + 1):
        content = f"photo {one}".encode()
        (library / f"{one}.jpg").write_bytes(content)
        connection.execute(INSERT, (content, f"{one}.jpg"))


@given(parsers.parse("one byte of photo {number:d} has changed"))
def _(library: Path, number: int) -> None:
    (library / f"{number}.jpg").write_bytes(b"phono %d" % number)


@given(parsers.parse("photo {number:d} has gone"))
def _(library: Path, number: int) -> None:
    (library / f"{number}.jpg").unlink()


@given("an old backup of them")
def _(library: Path) -> None:
    shutil.copytree(library, library.with_name("old backup"))


@given("the share with the library is not mounted")
def _(library: Path) -> None:
    library.rename(library.with_name("elsewhere"))
    library.mkdir()


@when("I verify the library", target_fixture="answer")
def _(tmp_path: Path, database_url: str) -> Ended:
    return run_verify(tmp_path, database_url)


@when("I repair the library", target_fixture="answer")
def _(tmp_path: Path, database_url: str) -> Ended:
    return run_verify(tmp_path, database_url, "--repair")


@when("I repair the library from the old backup", target_fixture="answer")
def _(tmp_path: Path, database_url: str) -> Ended:
    return run_verify(tmp_path, database_url, "--repair", "--from", str(tmp_path / "old backup"))


def run_verify(tmp_path: Path, database_url: str, *arguments: str) -> Ended:
    return subprocess.run(
        [sys.executable, "-m", "cli", "verify", *arguments],
        env={**os.environ, "PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@then(parsers.parse("the command ends with {code:d}"))
def _(answer: Ended, code: int) -> None:
    assert answer.returncode == code, answer.stderr


@then(parsers.parse('I read "{words}"'))
def _(answer: Ended, words: str) -> None:
    assert words in answer.stdout


@then(parsers.parse('I am told "{words}"'))
def _(answer: Ended, words: str) -> None:
    assert words in answer.stderr
