"""Finds the offset from UTC of a time that does not say it, and with it local time from UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from librarian.capture.evidence import CaptureTime, Evidence, OffsetSource, ZoneFinder
from librarian.capture.location import location_of
from librarian.capture.presence import Found
from librarian.capture.stamps import LARGEST_OFFSET_MINUTES, Stamp

LARGEST_DRIFT = timedelta(minutes=2)
QUARTER_HOUR = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Settled:
    """A moment with all that is known of its zone.

    Attributes:
        local: Naive wall-clock time; the digits of UTC where no zone is known.
        utc: Aware; None when unknown.
    """

    local: datetime
    utc: datetime | None = None
    offset_minutes: int | None = None
    offset_source: OffsetSource | None = None


@dataclass(frozen=True)
class Surroundings:
    """What may tell the zone of a time: satellites, the place, the still, the name, home.

    Args:
        found: All sources that are present.
    """

    evidence: Evidence
    found: list[Found]
    home: ZoneInfo | None
    zone_at: ZoneFinder | None

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The time zone of the place."""
        if self.zone_at is None:
            return None
        where = location_of(self.evidence.tags, self.evidence.sidecar, self.evidence.takeout)
        return None if where is None else self.zone_at(where.latitude, where.longitude)

    @property
    def still(self) -> CaptureTime | None:
        """The still of a pair, if its time is more than the time of its file."""
        paired = self.evidence.paired
        return None if paired is None or paired.confidence == "none" else paired

    def settle(self, one: Found) -> Settled:
        """Make local time and UTC of a source that can be true."""
        stamp = one.stamp
        if stamp is None:
            raise ValueError(one.source)
        if one.kind == "correction":
            return self._from_correction(stamp)
        if one.kind == "paired" and self.still is not None:
            return of_still(self.still)
        if stamp.is_day_only:
            return Settled(stamp.moment)
        return self._from_utc(stamp, one) if stamp.is_utc else self._from_local(stamp)

    def _from_correction(self, stamp: Stamp) -> Settled:
        """A person who gives a time and no zone leaves the zone as it is."""
        if stamp.offset_minutes is not None:
            return _with_offset(stamp.moment, stamp.offset_minutes, "correction")
        settled = self._from_local(stamp)
        if settled.offset_minutes is not None:
            return settled
        others = (one.stamp for one in self.found if one.kind != "correction" and not one.fault)
        stated = (other.offset_minutes for other in others if other is not None)
        offset = next((minutes for minutes in stated if minutes is not None), None)
        return settled if offset is None else _with_offset(stamp.moment, offset, "tag")

    def _from_local(self, stamp: Stamp) -> Settled:
        """Local time stays as it is; only its offset is looked for."""
        local = stamp.moment
        if stamp.offset_minutes is not None:
            return _with_offset(local, stamp.offset_minutes, "tag")
        if self.still is not None and self.still.offset_minutes is not None:
            return _with_offset(local, self.still.offset_minutes, "paired still")
        by_satellites = self._offset_by_satellites(local)
        if by_satellites is not None:
            return _with_offset(local, by_satellites, "gps time")
        if self.zone is not None:
            # A clock that is set back shows an hour twice: the first of the two is taken.
            return _with_offset(local, _minutes(local.replace(tzinfo=self.zone)), "place")
        return Settled(local)

    def _from_utc(self, stamp: Stamp, one: Found) -> Settled:
        instant = stamp.moment.replace(tzinfo=UTC)
        if one.kind == "file":
            return self._at_home(instant)
        by_name = self._offset_by_name(stamp.moment)
        known = self._by_still(stamp.moment) or self._by_place(instant)
        home = None if self.home is None else _minutes(instant.astimezone(self.home))
        if by_name == 0 and one.kind != "satellite" and (known[0] if known else home) != 0:
            # The same local time was written into both, so UTC is unknown after all.
            return self._from_local(Stamp(stamp.moment))
        if known:
            return _from_instant(instant, *known)
        if by_name is not None:
            return _from_instant(instant, by_name, "file name")
        return self._at_home(instant)

    def _at_home(self, instant: datetime) -> Settled:
        if self.home is None:
            return Settled(instant.replace(tzinfo=None), instant)
        return _from_instant(instant, _minutes(instant.astimezone(self.home)), "home zone")

    def _by_still(self, moment: datetime) -> tuple[int, OffsetSource] | None:
        if self.still is None:
            return None
        offset = self.still.offset_minutes
        if offset is None:
            offset = whole_offset(self.still.local - moment)
        return None if offset is None else (offset, "paired still")

    def _by_place(self, instant: datetime) -> tuple[int, OffsetSource] | None:
        return None if self.zone is None else (_minutes(instant.astimezone(self.zone)), "place")

    def _offset_by_name(self, moment: datetime) -> int | None:
        for one in self.found:
            if one.kind == "name" and not one.fault and one.stamp is not None:
                stamp = one.stamp
                is_clock = not stamp.is_utc and not stamp.is_day_only
                return whole_offset(stamp.moment - moment) if is_clock else None
        return None

    def _offset_by_satellites(self, local: datetime) -> int | None:
        """Satellites tell UTC, so their difference from the camera's clock is the offset."""
        for one in self.found:
            stamp = one.stamp
            is_clock = one.kind == "satellite" and stamp is not None and not stamp.is_day_only
            if is_clock and stamp is not None and not one.fault:
                return whole_offset(local - stamp.moment)
        return None


def of_still(still: CaptureTime) -> Settled:
    """The still's own time, for its video."""
    if still.offset_minutes is None:
        return Settled(still.local, still.utc)
    return _with_offset(still.local, still.offset_minutes, "paired still")


def whole_offset(difference: timedelta) -> int | None:
    """A difference of two clocks as an offset, unless it is none that a zone could have."""
    quarters = round(difference / QUARTER_HOUR)
    if abs(difference - quarters * QUARTER_HOUR) > LARGEST_DRIFT:
        return None
    minutes = quarters * 15
    return minutes if abs(minutes) <= LARGEST_OFFSET_MINUTES else None


def _with_offset(local: datetime, offset: int, source: OffsetSource) -> Settled:
    try:
        instant = local.replace(tzinfo=UTC) - timedelta(minutes=offset)
    except OverflowError:  # a person may say any year
        return Settled(local)
    return Settled(local, instant, offset, source)


def _from_instant(instant: datetime, offset: int, source: OffsetSource) -> Settled:
    local = instant.replace(tzinfo=None) + timedelta(minutes=offset)
    return Settled(local, instant, offset, source)


def _minutes(moment: datetime) -> int:
    """Offset of an aware moment; whole minutes, though local mean times had seconds."""
    return round((moment.utcoffset() or timedelta()) / MINUTE)
