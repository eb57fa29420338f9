"""photo-factory verify: are the originals still what they were? With --repair, make them so."""

import shlex
from array import array
from collections.abc import Iterator, Sequence
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
from cli.verification.repair import REPAIRABLE, Repairs

SAMPLE = 1000
STANDARD_OUTPUT = "-"

SampleOption = Annotated[
    int | None,
    typer.Option(min=1, help=f"Read so many originals, drawn at random. Default: {SAMPLE}."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Read every original; --repair does so by itself.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
ManifestOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Check nothing; write all hashes to FILE (- is standard output) for sha256sum -c.",
    ),
]
RepairOption = Annotated[
    bool,
    typer.Option(
        "--repair",
        help="Put healthy copies where originals are missing or altered; they are looked for in "
        "the inbox and in every --from. Without --repair, nothing is changed.",
    ),
]
FromOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        metavar="FOLDER",
        help="Where copies may lie, such as an old backup; only read. Can be given again.",
    ),
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The originals to read, and how much that is."""

    assets: Iterator[Asset]
    originals: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Check:
    """One run of the command.

    Attributes:
        sample: How many originals to read; None for every one.
        repairs: None without --repair.
        places: Where to look for healthy copies.
    """

    verification: Verification
    report: Report
    sample: int | None
    repairs: Repairs | None
    places: tuple[Path, ...]

    @property
    def has_findings(self) -> bool:
        """Whether something is left that is not as it should be."""
        mended = 0 if self.repairs is None else self.repairs.mended
        return self.verification.found.total() > mended


def verify(  # noqa: PLR0913 - one for each option
    *,
    sample: SampleOption = None,
    is_all: AllOption = False,
    as_json: JsonOption = False,
    manifest: ManifestOption = None,
    is_repair: RepairOption = False,
    origins: FromOption = None,
) -> None:
    """Read originals again and compare hashes; look for unknown files. Ends with 1 on findings."""
    settings = load_settings()
    if is_all and sample is not None:
        fail("Choose one: --sample or --all.")
    if manifest is not None and (is_all or sample is not None or as_json or is_repair):
        fail("--manifest writes every hash and checks nothing. Give it alone.")
    if origins and not is_repair:
        fail("--from says where --repair looks for healthy copies. Give both.")
    places = (settings.inbox, *_existing(origins or ()))
    with database(settings) as connection:
        if manifest is not None:
            _write_manifest(connection, manifest, settings.library)
            return
        verification = Verification(connection, settings.library)
        check = Check(
            verification,
            JsonReport() if as_json else LineReport(),
            None if is_all or (is_repair and sample is None) else sample or SAMPLE,
            Repairs(connection, verification, settings.quarantine) if is_repair else None,
            places,
        )
        try:
            verification.guard()
            _run(connection, check)
        except RootMissingError as error:
            fail(f"Nothing can be checked: {error}")
    if check.has_findings:
        raise typer.Exit(FINDINGS)


def _existing(origins: Sequence[Path]) -> Iterator[Path]:
    for origin in origins:
        if not origin.exists():
            fail(f"There is no folder {printable(str(origin))} to look for healthy copies in.")
        yield origin.resolve()


def _run(connection: Connection, check: Check) -> None:
    extent = queries.read_extent(connection)
    chosen = _choose(connection, extent, check.sample)
    verification, report = check.verification, check.report
    report.begin(Scope(str(verification.library), extent.originals, chosen.originals))
    is_complete = False
    damaged = array("q")
    try:
        with progress("Reading originals", "bytes", chosen.size_bytes) as advance:
            for finding in verification.originals(chosen.assets, advance):
                report.add(finding)
                if finding.kind in REPAIRABLE and finding.asset_id is not None:
                    damaged.append(finding.asset_id)
        with progress("Looking for unknown files", "files", None) as advance:
            for finding in verification.unknown_files(advance):
                report.add(finding)
        _repair(check, damaged)
        is_complete = True
    finally:
        report.end(verification, check.repairs, is_complete=is_complete)


def _repair(check: Check, damaged: Sequence[int]) -> None:
    if check.repairs is None:
        return
    check.report.begin_repairs(check.places if damaged else ())
    with progress("Looking for healthy copies", "files", None) as advance:
        for repair in check.repairs.run(damaged, check.places, advance):
            check.report.add_repair(repair)


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
