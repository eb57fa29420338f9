"""The schema: one text for every PostgreSQL, and migrations that may meet each other."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from cli.local.binaries import Source, find_binaries
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import SchemaError, migrate, migrations_folder, pending
from schema_dump import SCHEMA, dump_schema, normalise
from sqlalchemy import NullPool, create_engine

pytestmark = pytest.mark.integration
INSTALLED: tuple[Source, ...] = tuple(
    source for source in ("system", "wheel") if find_binaries(source)
)
MIGRATE = "import sys; from cli.migrations import migrate; print(migrate(sys.argv[1]))"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    folder = tmp_path_factory.mktemp("schema")
    with EmbeddedPostgres(folder / "postgres", folder / "log", options={"fsync": "off"}) as started:
        yield started


@pytest.fixture
def empty_url(server: EmbeddedPostgres) -> Iterator[str]:
    with psycopg.connect(server.address("postgres"), autocommit=True) as administrator:
        administrator.execute("CREATE DATABASE empty")
        yield server.address("empty")
        administrator.execute("DROP DATABASE empty WITH (FORCE)")


@pytest.mark.parametrize("source", INSTALLED)
def test_the_committed_schema_is_what_the_migrations_make(source: Source, tmp_path: Path) -> None:
    assert dump_schema(tmp_path, source) == SCHEMA.read_text(), "run `make schema`"


def test_a_changed_check_or_index_changes_the_schema_text() -> None:
    entry = "--\n-- Name: ix_a; Type: INDEX; Schema: public; Owner: -\n--\n\n{}\n\n\n"
    index = "CREATE INDEX ix_a ON public.a USING btree (id) WHERE (NOT {});"
    assert normalise(entry.format(index.format("b"))) != normalise(entry.format(index.format("c")))


def test_two_migrators_at_once_apply_each_revision_once(empty_url: str) -> None:
    revisions = pending(empty_url)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, empty_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in started)
    assert [process.returncode for process in started] == [0, 0]
    assert said == sorted([str(revisions), "[]"])
    assert revisions
    assert pending(empty_url) == []


def test_migrating_again_does_nothing(database_url: str) -> None:
    assert migrate(database_url) == []


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_a_newer_database_is_left_alone(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '29991231_2359'")
        with pytest.raises(SchemaError, match="29991231_2359, which this version does not know"):
            migrate(database_url)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == [("29991231_2359",)]


def test_migrations_only_go_forward(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(database_url), poolclass=NullPool
    )
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(RuntimeError, match="only go forward"):
            command.downgrade(config, "-1")
    assert pending(database_url) == []


def test_a_step_that_fails_changes_nothing_and_says_why(empty_url: str) -> None:
    revisions = pending(empty_url)
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE places (name text)")
        with pytest.raises(SchemaError, match=r'could not be brought up to date.*"places"'):
            migrate(empty_url)
        connection.execute("DROP TABLE places")
    assert migrate(empty_url) == revisions


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("postgresql://me:hush@127.0.0.1:1/none", psycopg.OperationalError),
        ("hush hush", psycopg.ProgrammingError),
    ],
)
def test_an_address_that_leads_nowhere_raises_the_drivers_own_error(
    address: str, kind: type[psycopg.Error]
) -> None:
    with pytest.raises(kind):
        migrate(address)
