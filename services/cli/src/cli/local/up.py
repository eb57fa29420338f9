"""Local mode from the first line on the screen to the last process that ends."""

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from cli.local.errors import FAILED, WRONG, LocalModeError
from cli.local.lock import locked
from cli.local.port import check_port
from cli.local.postgres import FAST_STOP_SECONDS, EmbeddedPostgres
from cli.local.settings import LocalSettings
from cli.local.stopping import StopAskedError, StopRequests
from cli.local.supervision import Supervision
from cli.migrations import SchemaError, migrate

Say = Callable[[str], None]

STATE_MODE = 0o711
"""Another user that PostgreSQL may run as must pass through; nothing in it is open to read."""

READY_SECONDS = 60.0
FOLLOW_SECONDS = 0.5
HASTY_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 300.0
"""What has run so long starts again without a pause."""


def run(settings: LocalSettings, say: Say) -> int:
    """Run everything till it is asked to stop.

    Args:
        settings: Of local mode.
        say: Shows a line.

    Returns:
        The exit code: 0 after an orderly stop, 1 for a failure, 2 for a wrong configuration.
    """
    requests = StopRequests()
    try:
        with requests.listening():
            _run(settings, requests, say)
    except StopAskedError:
        say("Stopped.")
    except LocalModeError as error:
        say(str(error))
        return error.code
    except SchemaError as error:
        say(str(error))
        return FAILED
    except OSError as error:
        say(f"Cannot go on: {error.strerror}: {error.filename}" if error.filename else str(error))
        return WRONG
    return 0


def _run(settings: LocalSettings, requests: StopRequests, say: Say) -> None:
    _make_state(settings.state)
    logs = settings.state / "logs"
    with ExitStack() as stack:
        stack.enter_context(locked(settings.state / "lock", settings.dashboard_url))
        supervision = Supervision(settings, logs, os.environ)
        with requests.interrupting():
            if supervision.end_predecessor():
                say("Ended what an earlier start had left running.")
            check_port(settings.dashboard_address, settings.dashboard_port)
            for folder in (
                settings.inbox,
                settings.library,
                settings.derivatives,
                settings.quarantine,
            ):
                folder.mkdir(parents=True, exist_ok=True)
            server = stack.enter_context(_database(settings, logs, requests, say))
        stack.callback(supervision.stop, lambda: requests.is_hasty)
        supervision.start()
        _Line(settings, supervision, server, requests, say).follow()
        say("Stopping. Ctrl-C again does not wait for work in hand.")
    say("Stopped.")


def _make_state(state: Path) -> None:
    state.mkdir(parents=True, exist_ok=True)
    logs = state / "logs"
    logs.mkdir(exist_ok=True)
    with suppress(PermissionError):  # root made it; whether we may write shows by itself
        state.chmod(STATE_MODE)
        logs.chmod(0o700)


@contextmanager
def _database(
    settings: LocalSettings, logs: Path, requests: StopRequests, say: Say
) -> Iterator[EmbeddedPostgres | None]:
    """A migrated database: our own, or None for the one that PF_DATABASE_URL names."""
    if settings.database_url is not None:
        settings.local_database_url_file.unlink(missing_ok=True)
        try:
            _migrate(settings.database_address(), say)
        except ValueError as error:
            raise LocalModeError(str(error), WRONG) from None
        yield None
        return
    say("Starting the database.")
    server = EmbeddedPostgres(
        settings.state / "postgres",
        logs / "postgresql.log",
        source=settings.postgres_binaries,
        say=say,
    )
    try:
        server.start()
        write_private(settings.local_database_url_file, server.address())
        _migrate(server.address(), say)
        yield server
    finally:
        server.stop(HASTY_SECONDS if requests.is_hasty else FAST_STOP_SECONDS)


def _migrate(address: str, say: Say) -> None:
    try:
        applied = migrate(address)
    except psycopg.OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        message = f"PostgreSQL cannot be reached: {reason}"
        raise LocalModeError(message) from None
    except psycopg.ProgrammingError:
        # The driver's own message would quote the address, password included.
        message = "PF_DATABASE_URL cannot be understood. Write postgresql://user:password@host/name"
        raise LocalModeError(message, WRONG) from None
    if applied:
        steps = "1 step" if len(applied) == 1 else f"{len(applied)} steps"
        say(f"Brought the database up to date ({steps}).")


def write_private(path: Path, text: str) -> None:
    """Replace a file at once; only its owner can read it."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


class _Line:
    """Everything runs: shows what happens and revives what dies."""

    def __init__(
        self,
        settings: LocalSettings,
        supervision: Supervision,
        server: EmbeddedPostgres | None,
        requests: StopRequests,
        say: Say,
    ) -> None:
        self._settings = settings
        self._supervision = supervision
        self._server = server
        self._requests = requests
        self._say = say
        self._revivals = {"database": _Revival(), "process manager": _Revival()}

    def follow(self) -> None:
        """Until it is asked to stop."""
        started = time.monotonic()
        is_announced = False
        while not self._requests.wait(FOLLOW_SECONDS):
            for line in self._supervision.news():
                self._say(line)
            try:
                self._revive_what_died()
            except StopAskedError:
                return
            if not is_announced:
                is_late = time.monotonic() - started > READY_SECONDS
                is_announced = self._announce(is_late=is_late)

    def _announce(self, *, is_late: bool) -> bool:
        missing = self._supervision.missing
        is_ready = not missing and _answers(self._settings.dashboard_url)
        if not is_ready and not is_late:
            return False
        if is_ready:
            self._say("Photo Factory runs.")
        else:
            names = ", ".join(missing) or "the dashboard"
            self._say(f"Photo Factory runs in part. Not up yet: {names}. The logs say why.")
        self._say(f"  Dashboard  {self._settings.dashboard_url}")
        self._say(f"  Inbox      {self._settings.inbox} (drop photos and videos here)")
        self._say(f"  Logs       {self._settings.state / 'logs'}")
        self._say("Ctrl-C stops it.")
        return True

    def _revive_what_died(self) -> None:
        server = self._server
        if server is not None and not server.is_running:
            self._revive("database", server.start)
        if not self._supervision.is_running:
            self._revive("process manager", self._supervision.revive)

    def _revive(self, name: str, start: Callable[[], None]) -> None:
        revival = self._revivals[name]
        pause = revival.pause(time.monotonic())
        if not revival.is_told:
            self._say(f"The {name} ended unexpectedly and is started again.")
            revival.is_told = True
        if self._requests.wait(pause):
            return
        try:
            with self._requests.interrupting():
                start()
        except LocalModeError as error:
            self._say(f"The {name} does not start yet: {error}")
            return
        revival.is_told = False
        self._say(f"The {name} runs again.")


class _Revival:
    """Pauses between attempts to start something again: none at first, then growing."""

    def __init__(self) -> None:
        self.is_told = False
        self._failures = 0
        self._last = float("-inf")

    def pause(self, now: float) -> float:
        """Seconds to wait before the attempt that is due now."""
        self._failures = 0 if now - self._last > STEADY_SECONDS else self._failures + 1
        self._last = now
        return min(LONGEST_PAUSE_SECONDS, 2.0**self._failures - 1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - always http
            return bool(answer.status == http.HTTPStatus.OK)
    except (urllib.error.URLError, OSError, http.client.HTTPException):
        return False
