"""Rows of `inbox_files` in every state in which a file waits, for tests of what explains them."""

from dataclasses import dataclass

from photo_factory.database import Connection

INSERT = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    first_seen_at, changed_at, next_try_at, error_code, error_message, companion_key)
VALUES (%(inbox)s, %(raw)s, %(path)s, 1, 1, %(size_bytes)s, 0, %(state)s,
    now() - make_interval(secs => %(age)s), now() - make_interval(secs => %(age)s),
    now() + make_interval(secs => %(next_in)s), %(code)s, %(message)s, %(key)s)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A file that was seen `age` seconds ago and is looked at again `next_in` seconds from now."""

    path: str
    age: float = 5.0
    next_in: float = 5.0
    state: str = "waiting"
    code: str | None = None
    message: str | None = None
    key: str | None = None
    inbox: str = "inbox"
    size_bytes: int = 3_300_000


def insert_row(connection: Connection, row: Row) -> int:
    """Insert it; returns its id."""
    values = {name: getattr(row, name) for name in Row.__slots__}
    found = connection.execute(INSERT, {**values, "raw": row.path.encode()}).fetchone()
    assert found is not None
    return int(found[0])


def alone(path: str, age: float = 7200.0, next_in: float = 14_400.0) -> Row:
    """A sidecar whose photo has not come."""
    message = f"{path.rpartition('/')[2]} waits for the photo or video that it belongs to"
    return Row(path, age, next_in, message=message, key=path.rpartition(".")[0], size_bytes=4200)


def unfinished(path: str, age: float = 90.0) -> Row:
    """A file that ends too early for its format."""
    return Row(path, age, 20.0, message="looks unfinished: it ends before its end marker")


def without_room(path: str, age: float = 400.0) -> Row:
    """A file for which the library's disk has no room."""
    message = "there is no room in the library /data/library for 3.3 MB"
    return Row(path, age, 25.0, code="disk_full", message=message)


def put_aside(path: str, age: float = 86_400.0) -> Row:
    """A file of no photo or video that was moved to the quarantine."""
    message = (
        f"{path}: its content is no photo or video that Photo Factory knows. "
        f"It is in the quarantine now: {path}"
    )
    return Row(path, age, 0.0, "quarantined", "not_media", message, size_bytes=18_000)
