"""What tests share: a real PostgreSQL, a fresh database for each test, no silent skips in CI."""

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate
from photo_factory.database import Connection, connect
from psycopg import sql

REAL_MEDIA = Path(__file__).resolve().parent.parent / "shared" / "media"
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
"""For databases that nobody will miss: a killed process loses nothing, only a power cut would."""

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does: a broken file lease raises it

SKIPPED = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server on which databases may be made; PF_TEST_DATABASE_URL names another."""
    chosen = os.environ.get("PF_TEST_DATABASE_URL")
    if chosen:
        yield chosen
        return
    folder = tmp_path_factory.mktemp("postgres")
    with EmbeddedPostgres(folder / "postgres", folder / "log", options=FAST) as server:
        yield server.address("postgres")


@pytest.fixture(scope="session")
def template_name(server_url: str) -> Iterator[str]:
    """A migrated database to clone; nobody may be connected to it."""
    name = f"template_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as administrator:
        _execute(administrator, "CREATE DATABASE {}", name)
    migrate(_with_database(server_url, name))
    yield name
    with psycopg.connect(server_url, autocommit=True) as administrator:
        _execute(administrator, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def database_url(server_url: str, template_name: str) -> Iterator[str]:
    """Address of a fresh, migrated database that only this test has."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as administrator:
        _execute(administrator, "CREATE DATABASE {} TEMPLATE {}", name, template_name)
    yield _with_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as administrator:
        _execute(administrator, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection to this test's database, as services make theirs."""
    with connect(database_url, "test") as opened:
        yield opened


def _execute(administrator: psycopg.Connection, statement: str, *names: str) -> None:
    administrator.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _with_database(address: str, name: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


def _is_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note each skipped test, but those that need real photos on a machine that has none."""
    report = yield
    is_expected = hasattr(report, "wasxfail") or (
        item.get_closest_marker("real_media") is not None and not REAL_MEDIA.is_dir()
    )
    if report.skipped and not is_expected:
        _note_skipped(item.config, report.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Note each file that is skipped as a whole."""
    report = yield
    if report.skipped:
        _note_skipped(collector.config, report.nodeid)
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, skipped tests fail the run: what was not tested does not count as working."""
    if _is_ci() and session.config.stash.get(SKIPPED, []) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name the skipped tests that fail the run."""
    skipped = config.stash.get(SKIPPED, [])
    if _is_ci() and skipped:
        terminalreporter.section("skipped, which is a failure in CI", red=True)
        for name in skipped:
            terminalreporter.line(name)


def _note_skipped(config: pytest.Config, name: str) -> None:
    config.stash.setdefault(SKIPPED, []).append(name)
