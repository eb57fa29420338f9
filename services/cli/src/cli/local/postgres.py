"""An embedded PostgreSQL as a child of this process: started, watched, stopped, recovered.

Only the programs of an installed PostgreSQL are used; who runs them and how they end is decided
here, because a home server is switched off without warning.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from cli.local.binaries import Binaries, Source, choose_binaries, find_binaries
from cli.local.cluster import CLEAN_ENVIRONMENT, ROLE, Cluster, take_over
from cli.local.errors import LocalModeError
from cli.local.identity import Identity, choose_identity
from cli.local.processes import postgres_processes_in, send, wait_until
from cli.local.sockets import make_private, socket_folder
from cli.local.tether import tether

DATABASE = "photo_factory"
PORT = 5432
"""Only part of the socket's name: it listens on no network port."""

SOCKET_NAME = f".s.PGSQL.{PORT}.lock"
READY_SECONDS = 600.0
SAY_AFTER_SECONDS = 5.0
FAST_STOP_SECONDS = 60.0
LAST_STOP_SECONDS = 10.0
LARGEST_LOG_BYTES = 10_000_000
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(LocalModeError):
    """PostgreSQL does not run."""


class EmbeddedPostgres:
    """A PostgreSQL of our own below a folder. A context manager: it starts and stops.

    Args:
        folder: Holds the database; made at the first start. Its parent exists.
        log: File that PostgreSQL's messages are appended to.
        source: Where its programs come from.
        options: Server settings in addition to ours.
        say: Told in a sentence when a start takes long.
    """

    def __init__(
        self,
        folder: Path,
        log: Path,
        *,
        source: Source = "auto",
        options: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._cluster = Cluster(folder.absolute())
        self._log = log
        self._source = source
        self._options = {**OPTIONS, **(options or {})}
        self._say = say
        self._sockets = socket_folder(folder.absolute() / "run", SOCKET_NAME)
        self._process: subprocess.Popen[bytes] | None = None
        self._binaries: Binaries | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def binaries(self) -> Binaries:
        """The installation that it runs from; known after the start."""
        assert self._binaries is not None  # noqa: S101 - a fault of the caller
        return self._binaries

    @property
    def pid(self) -> int | None:
        """Process id of the server; None if it does not run."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    def address(self, database: str = DATABASE) -> str:
        """URL of one of its databases, password included."""
        host, password = quote(str(self._sockets), safe=""), quote(self._cluster.password, safe="")
        return f"postgresql://{ROLE}:{password}@/{quote(database)}?host={host}&port={PORT}"

    def start(self) -> None:
        """Make the database if there is none, start the server, wait till it answers.

        Raises:
            PostgresError: It does not start.
            BinariesError, IdentityError, ClusterError, SocketFolderError: It cannot be started.
        """
        binaries = choose_binaries(self._cluster.data, find_binaries(self._source))
        identity = choose_identity(Path(binaries.program("postgres")), self._cluster.folder.parent)
        if not self._cluster.exists:
            self._cluster.make(binaries, identity)
        self._end_predecessor()
        take_over(self._cluster.folder, identity)
        make_private(self._sockets, identity.owner, identity.group)
        self._binaries = binaries
        beginning = self._launch(binaries, identity)
        try:
            self._wait_until_ready(beginning)
            self._ensure_database()
        except BaseException:
            self.stop()
            raise

    def stop(self, patience_seconds: float = FAST_STOP_SECONDS) -> None:
        """End every session and the server; after the patience, without a checkpoint."""
        if self._process is None:
            return
        for signal_number, seconds in (
            (signal.SIGINT, patience_seconds),
            (signal.SIGQUIT, LAST_STOP_SECONDS),
            (signal.SIGKILL, None),
        ):
            with suppress(ProcessLookupError):
                self._process.send_signal(signal_number)
            try:
                self._process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def _launch(self, binaries: Binaries, identity: Identity) -> int:
        """Start the server; returns the place in the log at which its messages begin."""
        settings = {**self._options, "unix_socket_directories": str(self._sockets)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._rotate_log()
        with self._log.open("ab") as log:
            os.fchmod(log.fileno(), 0o600)
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                [
                    *identity.prefix,
                    *tether("INT"),
                    binaries.program("postgres"),
                    *("-D", str(self._cluster.data)),
                    *arguments,
                ],
                cwd="/",
                env=CLEAN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is not for it
            )
            return log.tell()

    def _rotate_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LARGEST_LOG_BYTES:
            self._log.replace(self._log.with_name(f"{self._log.name}.1"))

    def _wait_until_ready(self, beginning: int) -> None:
        started = time.monotonic()
        is_told = False
        while True:
            if not self.is_running:
                message = f"PostgreSQL does not start. It says: {self._last_words(beginning)}"
                raise PostgresError(message)
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=10).close()
            except psycopg.OperationalError as error:
                reason = str(error).strip()
            else:
                return
            waited = time.monotonic() - started
            if "password authentication failed" in reason or waited > READY_SECONDS:
                message = f"PostgreSQL does not answer: {reason}. See {self._log}"
                raise PostgresError(message)
            if waited > SAY_AFTER_SECONDS and not is_told:
                self._say("The database is recovering from a hard stop. This can take minutes.")
                is_told = True
            time.sleep(0.05)

    def _last_words(self, beginning: int) -> str:
        with self._log.open("rb") as log:
            log.seek(beginning)
            lines = log.read().decode(errors="replace").strip().splitlines()
        return " | ".join(lines[-5:]) or "nothing"

    def _ensure_database(self) -> None:
        with closing(psycopg.connect(self.address("postgres"), autocommit=True)) as connection:
            query = "SELECT FROM pg_database WHERE datname = %s"
            if connection.execute(query, (DATABASE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _end_predecessor(self) -> None:
        """Stop a server that a killed predecessor left on this cluster, and what it left.

        A pid file whose process is no PostgreSQL of this cluster is removed: after a reboot the
        number may belong to any process, and PostgreSQL would then refuse to start.
        """
        data = self._cluster.data
        if not Path("/proc/self").exists():
            return  # PostgreSQL itself judges its pid file there
        pid_file = data / "postmaster.pid"
        for signal_number, seconds in (
            (signal.SIGINT, FAST_STOP_SECONDS),
            (signal.SIGQUIT, LAST_STOP_SECONDS),
            (signal.SIGKILL, LAST_STOP_SECONDS),
        ):
            left = postgres_processes_in(data)
            if not left:
                break
            postmaster = _first_number(pid_file)
            send(signal_number, [postmaster] if postmaster in left else left)
            wait_until(lambda: not postgres_processes_in(data), seconds)
        if postgres_processes_in(data):
            message = f"A PostgreSQL that cannot be stopped runs on {data}."
            raise PostgresError(message)
        pid_file.unlink(missing_ok=True)


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None
