"""The story of a service that is given a rest, told by the photo-factory command as a process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import sample_stages
from asset_rows import insert_assets
from photo_factory.database import Connection
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/rest.feature")

Ended = subprocess.CompletedProcess[str]
WORKER = Path(sample_stages.__file__)


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> Mapping[str, str]:
    return {
        **os.environ,
        "PF_DATA_DIR": str(tmp_path),
        "PF_DATABASE_URL": database_url,
        "PYTHONPATH": str(WORKER.parent),
    }


@pytest.fixture
def worker(environment: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen([sys.executable, WORKER], env=environment) as process:
        yield
        process.terminate()


def photo_factory(environment: Mapping[str, str], *arguments: str) -> Ended:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def wait_until(is_met: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def count(connection: Connection, question: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {question}").fetchone()  # noqa: S608 - ours
    assert row is not None
    return int(row[0])


def done(connection: Connection) -> int:
    return count(connection, "media_assets WHERE is_thumbnailed")


@given(parsers.parse("a thumbnailer at work on {number:d} photos"))
def _(connection: Connection, number: int, request: pytest.FixtureRequest) -> None:
    insert_assets(connection, [f"slow-{one}" for one in range(number)])
    request.getfixturevalue("worker")
    wait_until(lambda: done(connection) > 0)


@when(parsers.parse("I {command:w} the {service:w}"), target_fixture="answer")
def _(environment: Mapping[str, str], command: str, service: str) -> Ended:
    return photo_factory(environment, command, service)


@then(parsers.parse("the command ends with {code:d}"))
def _(answer: Ended, code: int) -> None:
    assert answer.returncode == code, answer.stderr


@then(parsers.parse('I read "{words}"'))
def _(answer: Ended, words: str) -> None:
    assert words in answer.stdout


@then(parsers.parse('the status says "{words}"'))
def _(environment: Mapping[str, str], words: str) -> None:
    wait_until(lambda: words in photo_factory(environment, "status").stdout)


@then(parsers.parse("the thumbnailer has nothing in hand and {number:d} photos are not all done"))
def _(connection: Connection, number: int) -> None:
    wait_until(lambda: count(connection, "stage_work WHERE state = 'leased'") == 0)
    rested = done(connection)
    assert rested < number
    time.sleep(1.5)
    assert done(connection) == rested


@then(parsers.parse("all {number:d} photos get their thumbnails"))
def _(connection: Connection, number: int) -> None:
    wait_until(lambda: done(connection) == number)
