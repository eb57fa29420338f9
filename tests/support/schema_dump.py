"""Writes db/schema.sql: what pg_dump says of a database to which every migration was applied.

The text is normalised so that each version of PostgreSQL gives the same.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cli.local.binaries import Source
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate

SCHEMA = Path(__file__).resolve().parents[2] / "db" / "schema.sql"
HEADING = "-- Made by `make schema` from the migrations; a test holds both equal.\n"
ENTRY = re.compile(r"^--\n-- Name: (?P<name>.*?); Type: .*\n--\n", re.MULTILINE)
SESSION = re.compile(r"(SET [a-z_]+ = .*;|\\(un)?restrict .*|--.*)?$")
MIGRATORS_TABLE = "alembic_version"


def dump_schema(folder: Path, source: Source = "auto") -> str:
    """The normalised schema that the migrations make on a PostgreSQL of this machine."""
    with EmbeddedPostgres(folder / "postgres", folder / "log", source=source) as server:
        migrate(server.address())
        dumped = subprocess.run(
            [
                server.binaries.program("pg_dump"),
                *("--schema-only", "--no-owner", "--no-privileges"),
                f"--dbname={server.address()}",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    return normalise(dumped.stdout)


def normalise(dump: str) -> str:
    """Leave out what depends on the version of pg_dump, and the migrator's own table."""
    names = [entry["name"] for entry in ENTRY.finditer(dump)]
    bodies = ENTRY.split(dump)[2::2]
    wanted = [
        _without_session(body)
        for name, body in zip(names, bodies, strict=True)
        if MIGRATORS_TABLE not in name
    ]
    return HEADING + "".join(f"\n{body}\n" for body in wanted if body)


def _without_session(body: str) -> str:
    """A statement without pg_dump's own settings before it and its farewell after it."""
    lines = body.strip("\n").split("\n")
    while lines and SESSION.match(lines[0]):
        lines.pop(0)
    while lines and SESSION.match(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def main() -> None:
    """Write db/schema.sql."""
    with tempfile.TemporaryDirectory(prefix="pf-schema-") as folder:
        SCHEMA.write_text(dump_schema(Path(folder)))
    sys.stdout.write(f"wrote {SCHEMA}\n")


if __name__ == "__main__":
    main()
