"""When a photo or video was taken, decided from all that is known of it.

The day that matters is the local day at the place: a photo of 23:30 in Tokyo belongs to that
evening. So local wall-clock time is never converted before it is used, and a time in UTC (most
videos) is converted with the best offset known. Sources are tried in a fixed order, and one that
cannot be true (zero dates, epochs, the future) is passed over for the next. Everything comes in as
an argument; the zone of the machine plays no part.

The order: a person's correction; the sidecar, where it says another moment than the file; what is
embedded; the still of a pair; Google's JSON; satellites; the name; what edits change; file time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from librarian.capture.evidence import (
    FILE_NAME,
    FILE_TIME,
    Candidate,
    CaptureTime,
    Confidence,
    Correction,
    Evidence,
    ZoneFinder,
)
from librarian.capture.offsets import Settled, Surroundings, of_still, whole_offset
from librarian.capture.presence import Found, is_plausible, present
from librarian.capture.sources import EPOCHS, FIRST_YEAR, ORIGINAL
from librarian.capture.stamps import Stamp

__all__ = [
    "EPOCHS",
    "FILE_NAME",
    "FILE_TIME",
    "FIRST_YEAR",
    "ORIGINAL",
    "RULES_VERSION",
    "Candidate",
    "CaptureTime",
    "Correction",
    "Evidence",
    "decide",
    "has_original",
]

RULES_VERSION = 1
"""Raised when a decision may come out otherwise; stored with each asset."""

MOST_CANDIDATES = 12
TEXT_CHARACTERS = 60
SAME_MINUTE = timedelta(minutes=1)
PAIR_REACH = timedelta(hours=26)
"""How far the zones of two clocks can be apart; what differs by more is another moment."""
DAY, TWO_DAYS, TWO_YEARS = timedelta(days=1), timedelta(days=2), timedelta(days=730)
HOUR = timedelta(hours=1)
LOWER = "lower in order"
SAME_MOMENT = "the same moment in UTC"
ACROSS_MIDNIGHT = "another day than its still's"


def decide(
    evidence: Evidence,
    now: datetime,
    home: ZoneInfo | None = None,
    zone_at: ZoneFinder | None = None,
) -> CaptureTime:
    """Decide when a file was taken; there is always an answer.

    Args:
        evidence: What is known of the file.
        now: Aware; nothing is taken later than it, save for what clocks and zones explain.
        home: Zone for times known in UTC only, when nothing better is known.
        zone_at: Finds the zone of a place; without it, places tell nothing.
    """
    found = present(evidence, now)
    surroundings = Surroundings(evidence, found, home, zone_at)
    winner, settled, passed = _choose(found, surroundings)
    return CaptureTime(
        settled.local,
        settled.utc,
        settled.offset_minutes,
        winner.source,
        _confidence(winner, settled),
        settled.offset_source,
        _candidates(found, winner, settled, passed),
    )


def _choose(
    found: list[Found], surroundings: Surroundings
) -> tuple[Found, Settled, dict[str, str]]:
    """The winner, what is made of it, and why those lost that came before it and could be true."""
    sound = [one for one in found if not one.fault]
    winner, passed = sound[0], {}
    settled = surroundings.settle(winner)
    if winner.kind == "edited":
        embedded = next((one for one in sound if one.kind == "embedded"), None)
        theirs = None if embedded is None else surroundings.settle(embedded)
        if embedded is not None and theirs is not None:
            reason = _repeated((winner, settled), (embedded, theirs))
            if reason:
                passed[winner.source] = reason
                winner, settled = embedded, theirs
    still = surroundings.still
    if still is not None and _is_astray(winner, settled, still):
        passed[winner.source] = ACROSS_MIDNIGHT
        winner = next(one for one in sound if one.kind == "paired")
        settled = of_still(still)
    return winner, settled, passed


def has_original(tags: Mapping[str, object], now: datetime) -> bool:
    """Whether the camera's own time of capture is there and can be true."""
    return is_plausible(ORIGINAL, tags, now)


def _repeated(sidecar: tuple[Found, Settled], embedded: tuple[Found, Settled]) -> str:
    """Why a sidecar's date is no edit but the embedded one again; empty if it is an edit."""
    written, read = sidecar[0].stamp, embedded[0].stamp
    theirs, ours, source = sidecar[1], embedded[1], embedded[0].source
    if written is None or read is None:
        return ""
    if written.is_day_only or read.is_day_only:
        is_same_day = theirs.local.date() == ours.local.date()
        return f"the same day as {source}" if is_same_day and written.is_day_only else ""
    if read.is_utc and written.offset_minutes and ours.offset_source in {None, "home zone"}:
        return ""  # the sidecar knows a zone that the file does not
    if _minute(written.moment) in (_minute(ours.local), _minute(read.moment)):
        return f"the same minute as {source}"
    return SAME_MOMENT if _is_same_instant(written, theirs, ours) else ""


def _is_same_instant(written: Stamp, theirs: Settled, ours: Settled) -> bool:
    if written.offset_minutes is None or theirs.utc is None:
        return False
    if ours.utc is not None:
        return abs(theirs.utc - ours.utc) < SAME_MINUTE
    # Programs that write UTC have converted the embedded time by some zone. With another offset
    # the digits are a person's: an hour's difference is the correction that is made most often.
    is_whole = whole_offset(ours.local - written.moment) is not None
    return written.offset_minutes == 0 and is_whole


def _is_astray(winner: Found, settled: Settled, still: CaptureTime) -> bool:
    """Whether a pair would be torn apart by midnight."""
    return (
        winner.kind != "correction"
        and settled.local.date() != still.local.date()
        and abs(settled.local - still.local) <= PAIR_REACH
    )


def _confidence(winner: Found, settled: Settled) -> Confidence:
    """A day or a zone that is only guessed is never sure."""
    stamp = winner.stamp
    is_guessed = stamp is not None and (
        stamp.is_day_only or (stamp.is_utc and settled.offset_source in {None, "home zone"})
    )
    return "medium" if is_guessed and winner.confidence == "high" else winner.confidence


def _candidates(
    found: list[Found], winner: Found, settled: Settled, passed: Mapping[str, str]
) -> tuple[Candidate, ...]:
    shown = found
    if len(found) > MOST_CANDIDATES:
        place = next(number for number, one in enumerate(found) if one is winner)
        shown = found[:MOST_CANDIDATES]
        if place >= MOST_CANDIDATES:
            shown[-1] = winner
    instant = None if settled.utc is None else settled.utc.replace(tzinfo=None)
    candidates = []
    for one in shown:
        reason = ""
        if one is not winner:
            reason = (
                one.fault
                or passed.get(one.source)
                or _behind(one, winner.source, settled.local, instant)
            )
        text = one.text if len(one.text) <= TEXT_CHARACTERS else _cut(one.text)
        candidates.append(Candidate(one.source, text, reason))
    return tuple(candidates)


def _cut(text: str) -> str:
    return text[: TEXT_CHARACTERS - 1] + "…"


def _behind(one: Found, winner: str, local: datetime, instant: datetime | None) -> str:
    """Why a source lost that could be true; `local` and `instant` are the winner's time, naive."""
    stamp = one.stamp
    if stamp is None or one.kind == "file":
        return LOWER
    moment, reference = stamp.moment, local
    if instant is not None and stamp.is_utc:
        reference = instant
        if abs(moment - instant) < SAME_MINUTE:
            return SAME_MOMENT
    elif instant is not None and stamp.offset_minutes is not None:
        moment, reference = moment - timedelta(minutes=stamp.offset_minutes), instant
    difference = abs(moment - reference)
    if difference <= PAIR_REACH or (stamp.is_day_only and moment.date() == reference.date()):
        return LOWER
    return f"differs by {_length(difference)} from {winner}"


def _length(difference: timedelta) -> str:
    if difference < TWO_DAYS:
        return f"{round(difference / HOUR)} hours"
    if difference < TWO_YEARS:
        return f"{round(difference / DAY)} days"
    return f"{round(difference / timedelta(days=365.25))} years"


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
