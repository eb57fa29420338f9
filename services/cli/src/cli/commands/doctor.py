"""photo-factory doctor: looks for what is wrong with the installation, and says what helps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from photo_factory.database import Connection
from photo_factory.settings import Settings

from cli.commands import checks
from cli.commands.checks import Check
from cli.commands.queries import read_roots, read_server
from cli.commands.session import (
    FINDINGS,
    DatabaseUnavailableError,
    load_settings,
    open_database,
)
from cli.commands.wording import count, printable
from cli.migrations import SchemaError, pending

SIGNS = {"ok": "ok     ", "finding": "FINDING", "skipped": "skipped"}
PACKAGES = ("pillow", "pillow-heif")


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Check folders, space, tools, database and clock. Ends with 1 if something is wrong."""
    found = list(examine(load_settings()))
    findings = sum(check.result == "finding" for check in found)
    typer.echo(json.dumps(as_document(found), indent=2) if as_json else "\n".join(as_lines(found)))
    if findings:
        raise typer.Exit(FINDINGS)


def examine(settings: Settings) -> Iterator[Check]:
    """Make every check, those that need nothing first."""
    for purpose, folder in folders(settings).items():
        yield checks.check_folder(purpose, folder)
        yield checks.check_space(purpose, folder)
    yield checks.check_exiftool()
    for package in PACKAGES:
        yield checks.check_package(package)
    try:
        with open_database(settings) as connection:
            yield from _examine_database(connection, settings)
    except DatabaseUnavailableError as error:
        remedy = "Nothing works without it. Put this right first, then run doctor again."
        yield Check("postgresql", "finding", str(error), remedy)
    except psycopg.Error as error:
        remedy = "Look at the log of PostgreSQL, and at the rights of the user in PF_DATABASE_URL."
        yield Check("postgresql", "finding", f"A question failed: {error}", remedy)


def folders(settings: Settings) -> dict[str, Path]:
    """The folders that must be there; the quarantine is made when it is first needed."""
    found = {
        "inbox": settings.inbox,
        "library": settings.library,
        "derivatives": settings.derivatives,
    }
    if settings.quarantine.exists():
        found["quarantine"] = settings.quarantine
    return found


def _examine_database(connection: Connection, settings: Settings) -> Iterator[Check]:
    yield from checks.judge_server(read_server(connection))
    schema = _examine_schema(settings)
    yield schema
    if schema.result == "ok":
        roots = read_roots(connection)
        for purpose in ("inbox", "library", "derivatives"):
            folder = folders(settings)[purpose]
            yield checks.check_marker(purpose, folder, roots.get(purpose))


def _examine_schema(settings: Settings) -> Check:
    try:
        return checks.judge_schema(len(pending(settings.database_address())))
    except SchemaError as error:
        return Check("schema", "finding", str(error), "Let all parts have the same version.")


def as_document(found: list[Check]) -> dict[str, object]:
    """The checks under the keys of `doctor --json`."""
    return {
        "findings": sum(check.result == "finding" for check in found),
        "checks": [
            {
                "name": check.name,
                "result": check.result,
                "message": check.message,
                "remedy": check.remedy,
            }
            for check in found
        ],
    }


def as_lines(found: list[Check]) -> list[str]:
    """The checks for people: a line each, and the remedy below a finding."""
    lines = []
    for check in found:
        lines.append(f"{SIGNS[check.result]}  {check.name}: {printable(check.message)}")
        if check.remedy:
            lines.append(f"         What helps: {printable(check.remedy)}")
    findings = sum(check.result == "finding" for check in found)
    return [*lines, "", count(findings, "finding") if findings else "Everything is in order."]
