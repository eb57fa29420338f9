"""The story of files that wait, told by the photo-factory command as a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from inbox_rows import Row, alone, insert_row, put_aside
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, Status
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/waiting.feature")

Ended = subprocess.CompletedProcess[str]
COMMANDS = {"what waits": "inbox", "for the status": "status", "for the problems": "problems"}


@pytest.fixture
def librarian(connection: Connection) -> Heartbeat:
    heartbeat = Heartbeat("librarian", "here", 60)
    heartbeat.beat(connection, Status("healthy"))
    return heartbeat


@given(parsers.parse('a sidecar "{name}" that waits for its photo since {hours:d} hours'))
def _(connection: Connection, name: str, hours: int) -> None:
    insert_row(connection, alone(name, hours * 3600.0))


@given(parsers.parse('a photo "{name}" that should have been taken in {hours:d} hours ago'))
def _(connection: Connection, name: str, hours: int) -> None:
    insert_row(connection, Row(name, hours * 3600.0, -60.0))


@given(parsers.parse('a file "{name}" that was put aside'))
def _(connection: Connection, name: str) -> None:
    insert_row(connection, put_aside(name))


@given("the librarian is stopped")
def _(connection: Connection, librarian: Heartbeat) -> None:
    librarian.goodbye(connection)


@when(
    parsers.re("I ask (?P<question>what waits|for the status|for the problems)"),
    target_fixture="answer",
)
def _(tmp_path: Path, database_url: str, question: str) -> Ended:
    own = {"PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url}
    return subprocess.run(
        [sys.executable, "-m", "cli", COMMANDS[question]],
        env={**os.environ, **own},
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
    assert words in answer.stdout, answer.stderr
