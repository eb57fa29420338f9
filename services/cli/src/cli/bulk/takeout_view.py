"""What is said of a Takeout beside its files: what Google's JSON gave, and what it did not."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from librarian.takeout.archives import Fault
from librarian.takeout.matching import NO_MEDIUM
from librarian.takeout.takeout_report import Reason, TakeoutReport

from cli.commands.wording import count, printable

EXAMPLES = 3
FAULTS = 10
CANNOT_TELL = (
    "Not told, for the parts are only read as they stream by: which day each file would be filed "
    "under, and whether a file is damaged or of a kind that cannot be taken in."
)


def takeout_document(report: TakeoutReport) -> dict[str, object]:
    """For other programs."""
    return {
        "parts": report.parts,
        "missing_parts": report.missing,
        "media": report.media,
        "media_of_earlier_parts": report.earlier,
        "notes": {
            "matched_media": report.matched,
            "media_without": [asdict(one) for one in report.without_note],
            "without_medium": [asdict(one) for one in report.without_medium],
            "attached": report.attached,
        },
        "redated": report.redated,
        "dates": {"sources": dict(report.dates), "groups": report.date_groups},
        "albums": {"titles": report.albums, "new_memberships": report.memberships},
        "trashed": report.trashed,
        "other": report.other,
        "faults": [asdict(one) for one in report.faults],
    }


def takeout_lines(report: TakeoutReport, *, is_dry_run: bool) -> Iterator[str]:
    """For people."""
    yield f"Takeout: {count(report.media, 'photo or video', 'photos and videos')} in its parts."
    if report.earlier:
        yield f"  {count(report.earlier, 'more file')} of parts that came earlier took part."
    yield from _note_lines(report, is_dry_run=is_dry_run)
    if report.date_groups:
        groups = sorted(report.date_groups.items(), key=lambda item: -item[1])
        sources = ", ".join(f"{number:,} from {source}" for source, number in groups)
        yield f"  dates: {sources}"
    if report.albums:
        yield f"  albums: {_albums(report.albums)}"
    if report.trashed:
        yield f"  left out: {report.trashed:,} from Google's trash (--with-trash takes them in)"
    yield from _missing_lines(report)
    yield from _fault_lines(report.faults)
    if is_dry_run:
        yield CANNOT_TELL


def _note_lines(report: TakeoutReport, *, is_dry_run: bool) -> Iterator[str]:
    matched = f"  Google's JSON: {report.matched:,} of the files have one"
    if report.attached is not None and not is_dry_run:
        matched += f", {report.attached:,} newly put beside their originals"
    yield matched
    for title, found in (
        ("files without JSON", report.without_note),
        ("JSON without a file", report.without_medium),
    ):
        for reason in found:
            yield from _reason_lines(title, reason)


def _reason_lines(title: str, reason: Reason) -> Iterator[str]:
    yield f"  {title}: {reason.count:,} ({printable(reason.text)})"
    for path in reason.examples[:EXAMPLES]:
        yield f"    {printable(path)}"
    if reason.count > EXAMPLES:
        yield f"    … and {reason.count - EXAMPLES:,} more"


def _albums(titles: Sequence[str]) -> str:
    shown = ", ".join(printable(title) for title in titles[:EXAMPLES])
    more = len(titles) - EXAMPLES
    return f"{len(titles):,} ({shown}{f' and {more:,} more' if more > 0 else ''})"


def _missing_lines(report: TakeoutReport) -> Iterator[str]:
    if not report.missing:
        return
    names = ", ".join(printable(name) for name in report.missing)
    yield f"  missing parts: {names}"
    waiting = sum(one.count for one in report.without_medium if one.text == NO_MEDIUM)
    if waiting:
        yield (
            f"  {count(waiting, 'JSON waits', 'JSON wait')} for files that may be in them: "
            "import the missing parts by the same command when you have them."
        )


def _fault_lines(faults: Sequence[Fault]) -> Iterator[str]:
    for fault in faults[:FAULTS]:
        yield f"  fault: {printable(fault.code)}: {printable(fault.message)}"
    if len(faults) > FAULTS:
        yield f"  … and {count(len(faults) - FAULTS, 'more fault')}; --json lists all"
