"""Root folders that are really there: each carries a marker that the database knows.

A share that is not mounted leaves an empty folder in its place. Without this guard it would look
like an empty library, and be filled.
"""

from pathlib import Path
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from photo_factory.database import Connection
from photo_factory.storage import sync_file, sync_folder

MARKER = ".photo-factory-root"
PARTIAL_SUFFIX = ".pf-part"


class RootMissingError(Exception):
    """A root folder is not the one that the database knows: probably a share is not mounted."""


def ensure_root(connection: Connection, name: str, root: Path) -> None:
    """Make sure that `root` is the folder that the database knows under this name.

    At the first start the folder and its marker are created and remembered. A marker in a folder
    that a new database does not know yet is adopted: the library has outlived its database.

    Raises:
        RootMissingError: The marker is absent or another one.
        OSError: The folder cannot be created or read.
    """
    expected = _known_root(connection, name)
    if expected is None:
        expected = _remember_root(connection, name, root)
    check_root(name, root, expected)


def _remember_root(connection: Connection, name: str, root: Path) -> UUID:
    """Adopt or make the marker of a root that the database does not know; one service at a time."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"root.{name}",))
        expected = _known_root(connection, name)
        if expected is not None:
            return expected
        root.mkdir(parents=True, exist_ok=True)
        marker = read_marker(root) or _write_marker(root)
        connection.execute(
            "INSERT INTO settings (key, value) VALUES (%s, %s)",
            (f"root.{name}", Jsonb(str(marker))),
        )
        return marker


def verify_root(connection: Connection, name: str, root: Path) -> None:
    """Compare a root with the one that the database knows, if it knows one; create nothing.

    Raises:
        RootMissingError: They differ.
    """
    expected = _known_root(connection, name)
    if expected is not None:
        check_root(name, root, expected)


def _known_root(connection: Connection, name: str) -> UUID | None:
    row = connection.execute(
        "SELECT value #>> '{}' FROM settings WHERE key = %s", (f"root.{name}",)
    ).fetchone()
    return None if row is None else UUID(row[0])


def check_root(name: str, root: Path, expected: UUID) -> None:
    """Compare the marker in a root folder with the one that the database knows.

    Raises:
        RootMissingError: They differ, or there is none.
    """
    found = read_marker(root)
    if found == expected:
        return
    what = "has no marker file" if found is None else "carries the marker of another installation"
    message = (
        f"the {name} folder {root} {what} ({MARKER}). Is the disk or share mounted? "
        "Nothing is touched until it is back."
    )
    raise RootMissingError(message)


def read_marker(root: Path) -> UUID | None:
    """The identity that a folder carries; None if it has none.

    Raises:
        OSError: The folder cannot be read.
    """
    try:
        return UUID((root / MARKER).read_text().strip())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def _write_marker(root: Path) -> UUID:
    marker = uuid4()
    partial = root / f"{MARKER}{PARTIAL_SUFFIX}"
    partial.write_text(f"{marker}\n")
    sync_file(partial)
    partial.replace(root / MARKER)
    sync_folder(root)
    return marker
