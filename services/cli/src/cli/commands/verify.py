"""photo-factory verify: are the originals still what they were?"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from photo_factory.database import Connection
from photo_factory.roots import RootMissingError

from cli.commands.progress import progress
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.verify_view import JsonReport, LineReport, Report, Scope
from cli.commands.wording import count, printable
from cli.verification import queries
from cli.verification.library import Verification
from cli.verification.manifest import line, write_manifest
from cli.verification.original import reason
from cli.verification.queries import Asset

SAMPLE = 1000
STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The originals to read, and how much that is."""

    assets: Iterator[Asset]
    originals: int
    size_bytes: int


def verify(
    *,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help=f"Read so many originals, drawn at random. Default: {SAMPLE}."),
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Read every original.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    manifest: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Check nothing; write all hashes to FILE (- is standard output) for sha256sum -c.",
        ),
    ] = None,
) -> None:
    """Read originals again and compare hashes; look for unknown files. Ends with 1 on findings."""
    settings = load_settings()
    if is_all and sample is not None:
        fail("Choose one: --sample or --all.")
    if manifest is not None and (is_all or sample is not None or as_json):
        fail("--manifest writes every hash and checks nothing. Give it alone.")
    with database(settings) as connection:
        if manifest is not None:
            _write_manifest(connection, manifest, settings.library)
            return
        verification = Verification(connection, settings.library)
        report = JsonReport() if as_json else LineReport()
        try:
            verification.guard()
            chosen_number = None if is_all else sample or SAMPLE
            _compare(connection, verification, report, chosen_number)
        except RootMissingError as error:
            fail(f"Nothing can be checked: {error}")
    if verification.found:
        raise typer.Exit(FINDINGS)


def _compare(
    connection: Connection, verification: Verification, report: Report, sample: int | None
) -> None:
    extent = queries.read_extent(connection)
    chosen = _choose(connection, extent, sample)
    report.begin(Scope(str(verification.library), extent.originals, chosen.originals))
    is_complete = False
    try:
        with progress("Reading originals", "bytes", chosen.size_bytes) as advance:
            for finding in verification.originals(chosen.assets, advance):
                report.add(finding)
        with progress("Looking for unknown files", "files", None) as advance:
            for finding in verification.unknown_files(advance):
                report.add(finding)
        is_complete = True
    finally:
        report.end(verification, is_complete=is_complete)


def _choose(connection: Connection, extent: queries.Extent, sample: int | None) -> Chosen:
    if sample is None or sample >= extent.originals:
        assets = queries.read_all(connection, extent.last_id)
        return Chosen(assets, extent.originals, extent.size_bytes)
    ids = queries.draw_sample(connection, sample)
    size_bytes = queries.sum_sizes(connection, ids)
    return Chosen(queries.read_some(connection, ids), len(ids), size_bytes)


def _write_manifest(connection: Connection, target: str, library: Path) -> None:
    assets = queries.read_all(connection, queries.read_extent(connection).last_id)
    if target == STANDARD_OUTPUT:
        stream = typer.get_binary_stream("stdout")
        stream.writelines(line(asset) for asset in assets)
        stream.flush()
        return
    try:
        written = write_manifest(assets, Path(target))
    except OSError as error:
        fail(f"{printable(target)} cannot be written: {reason(error)}.")
    path = Path(target).resolve()
    typer.echo(f"The hashes of {count(written, 'original')} are in {printable(target)}.")
    typer.echo(
        f"Check them with: cd {shlex.quote(str(library))} && "
        f"sha256sum -c --quiet {shlex.quote(str(path))}"
    )
