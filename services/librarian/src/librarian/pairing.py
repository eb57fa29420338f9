"""Decides which photos and videos are one shot, a version of it, or of one burst; pure.

Everything is conservative: what is not joined stands alone, which loses nothing, while a wrong pair
hides a video behind a stranger's photo. A counter that began anew (IMG_0001 of this year and of
last) is told by the times; a partner is never taken from another.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Literal
from uuid import UUID

from librarian.companions import RAW_MIME_TYPES, is_burst_cover, is_edited

Role = Literal["primary", "live_video", "raw", "edited", "burst"]

LIVE_TOLERANCE = timedelta(seconds=3)
STILL_TOLERANCE = timedelta(seconds=5)
"""A camera writes its RAW and its JPEG one after the other, a Pixel seconds apart."""
LONGEST_LIVE_SECONDS = 10.0
"""A Live Photo lasts three seconds, with a slow shutter some more; a film is another thing."""
QUARTER_HOUR = timedelta(minutes=15)
LARGEST_SHIFT = timedelta(hours=26)
"""Between the clocks of two places on Earth."""
NEVER = timedelta.max

Rank = tuple[object, ...]
"""Of two ways to join the one with the smaller rank is taken; ranks end in positions."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo or video that may have companions.

    Attributes:
        keys: Its companion keys: its own, and those of files that were duplicates of it.
        name: As it came.
        is_dated: Its time is more than the file's time of change.
        group_id: As recorded, like `role`.
    """

    keys: frozenset[str]
    name: str
    media_type: str
    mime_type: str
    captured_local: datetime
    captured_at: datetime | None
    is_dated: bool
    duration_seconds: float | None
    content_identifier: str | None
    burst_identifier: str | None
    group_id: UUID | None = None
    role: str = "primary"

    @property
    def is_video(self) -> bool:
        """Whether it is a video."""
        return self.media_type == "video"

    @property
    def is_raw(self) -> bool:
        """Whether it is a camera's RAW."""
        return self.mime_type in RAW_MIME_TYPES


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a candidate.

    Attributes:
        group: A number that all of one group have; None if it stands alone.
        anchor: Position of the one beside which it belongs; its own if there is none.
    """

    role: Role
    group: int | None
    anchor: int


def arrange(candidates: Sequence[Candidate]) -> list[Standing]:
    """Say who belongs with whom; the answer has one entry for each candidate, in their order.

    Pairs and groups that are recorded are kept, and go before new ones.
    """
    return _Arrangement(candidates).made()


def gap_of_stills(one: Candidate, other: Candidate) -> timedelta:
    """How far apart two were taken, by the clocks of their place or by UTC."""
    return min(abs(one.captured_local - other.captured_local), _gap_in_utc(one, other))


def gap_of_films(one: Candidate, other: Candidate) -> timedelta:
    """The same where one may be known in UTC only, without the offset that the other has.

    Then whole quarters of an hour between them say nothing, for they may be the offset.
    """
    if one.captured_at is not None and other.captured_at is not None:
        return _gap_in_utc(one, other)
    shift = one.captured_local - other.captured_local
    if abs(shift) >= LARGEST_SHIFT:
        return NEVER
    return abs(shift - round(shift / QUARTER_HOUR) * QUARTER_HOUR)


def _gap_in_utc(one: Candidate, other: Candidate) -> timedelta:
    if one.captured_at is None or other.captured_at is None:
        return NEVER
    return abs(one.captured_at - other.captured_at)


class _Arrangement:
    """Candidates while they are being joined; those are meant by their positions."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._all = candidates
        self._edited = [is_edited(one.name) for one in candidates]
        self._parents = list(range(len(candidates)))
        self._anchors: dict[int, int] = {}
        self._roles: dict[int, Role] = {}
        self._paired: set[int] = set()
        self._raw_types: dict[int, set[str]] = defaultdict(set)
        self._neighbours = [
            *_buckets(candidates, lambda one: one.keys),
            *_buckets(candidates, lambda one: _given(one.content_identifier)),
        ]

    def made(self) -> list[Standing]:
        """Join whoever belongs together, the surest first."""
        for group in _buckets(self._all, lambda one: _given(one.group_id)):
            self._join(group)
        self._join_versions()
        self._join_raws()
        self._join_live_photos()
        for burst in _buckets(self._all, lambda one: _given(one.burst_identifier)):
            self._join([at for at in burst if at not in self._roles])
        self._name_the_rest()
        sizes: dict[int, int] = defaultdict(int)
        for at in range(len(self._all)):
            sizes[self._root(at)] += 1
        return [
            Standing(
                self._roles[at],
                self._root(at) if sizes[self._root(at)] > 1 else None,
                self._anchor(at),
            )
            for at in range(len(self._all))
        ]

    def _join_versions(self) -> None:
        """Each edited version goes to its original, if that is there; else it is like any other."""
        best: dict[int, tuple[Rank, int]] = {}
        for bucket in self._neighbours:
            originals = [at for at in bucket if not self._edited[at]]
            for at in bucket:
                ranked = self._ranked_originals(at, originals) if self._edited[at] else ()
                for rank, original in ranked:
                    best[at] = min(best.get(at, (rank, original)), (rank, original))
        for at, (_, original) in best.items():
            self._attach(at, original, "edited")

    def _ranked_originals(self, at: int, originals: Sequence[int]) -> Iterator[tuple[Rank, int]]:
        version = self._all[at]
        is_only_clue = not version.is_dated and self._are_one_shot(originals)
        for original in originals:
            one = self._all[original]
            if one.is_video and not version.is_video:
                continue
            is_same = _is_same(version.content_identifier, one.content_identifier)
            measure = gap_of_films if version.is_video else gap_of_stills
            gap = measure(version, one)
            is_kept = version.role == "edited" and _is_same(version.group_id, one.group_id)
            is_near = gap <= STILL_TOLERANCE or (
                is_only_clue and one.captured_local - version.captured_local < LARGEST_SHIFT
            )
            fits = is_same or (is_near and bool(version.keys & one.keys))
            is_other_type = one.media_type != version.media_type
            if is_kept or fits:
                rank = (not is_kept, not fits, not is_same, is_other_type, one.is_raw, gap)
                yield (*rank, original), original

    def _are_one_shot(self, positions: Sequence[int]) -> bool:
        """Whether all of them are of one time, so that there is no choice between shots."""
        times = [self._all[at].captured_local for at in positions]
        return bool(times) and max(times) - min(times) < LARGEST_SHIFT

    def _join_raws(self) -> None:
        stills = self._free("photo")
        raws = [at for at in stills if self._all[at].is_raw]
        pictures = [at for at in stills if not self._all[at].is_raw]
        for raw, picture in self._best(raws, pictures, self._rank_raw):
            mime_type = self._all[raw].mime_type
            if raw not in self._roles and mime_type not in self._raw_types[picture]:
                self._raw_types[picture].add(mime_type)
                self._attach(raw, picture, "raw")

    def _rank_raw(self, raw: int, picture: int) -> Rank | None:
        one, other = self._all[raw], self._all[picture]
        gap = gap_of_stills(one, other)
        fits = gap <= STILL_TOLERANCE and not self._are_strangers(raw, picture)
        is_kept = one.role == "raw" and _is_same(one.group_id, other.group_id)
        if not one.keys & other.keys or not (is_kept or fits):
            return None
        is_same = _is_same(one.content_identifier, other.content_identifier)
        return (not is_kept, not fits, not is_same, gap, raw, picture)

    def _join_live_photos(self) -> None:
        """A film goes to a picture or to its RAW; together these have one film at most."""
        stills = [at for at, one in enumerate(self._all) if not one.is_video]
        for still, film in self._best(stills, self._free("video"), self._rank_live):
            anchor = self._anchor(still)
            if self._roles.get(still) != "edited" and not {film, anchor} & self._paired:
                self._paired |= {film, anchor}
                self._attach(film, still, "live_video")

    def _rank_live(self, still: int, film: int) -> Rank | None:
        """Recorded pairs first, then by identifier, then by name and time."""
        one, other = self._all[still], self._all[film]
        is_same = _is_same(one.content_identifier, other.content_identifier)
        has_same_key = bool(one.keys & other.keys)
        gap = gap_of_films(one, other)
        is_short = (other.duration_seconds or 0.0) <= LONGEST_LIVE_SECONDS
        is_near = has_same_key and is_short and gap <= LIVE_TOLERANCE
        fits = is_same or (is_near and not self._are_strangers(still, film))
        is_kept = other.role == "live_video" and _is_same(one.group_id, other.group_id)
        if not (is_kept or fits):
            return None
        return (not is_kept, not fits, not is_same, not has_same_key, one.is_raw, gap, still, film)

    def _are_strangers(self, first: int, second: int) -> bool:
        """Whether both say with whom they belong, and it is not each other."""
        one, other = self._all[first].content_identifier, self._all[second].content_identifier
        return one is not None and other is not None and one != other

    def _best(
        self,
        ones: Iterable[int],
        others: Iterable[int],
        rank: Callable[[int, int], Rank | None],
    ) -> list[tuple[int, int]]:
        """All pairs of neighbours that have a rank, the best first."""
        left, right = set(ones), set(others)
        ranked: dict[tuple[int, int], Rank] = {}
        for bucket in self._neighbours:
            for pair in product(left.intersection(bucket), right.intersection(bucket)):
                found = rank(*pair)
                if found is not None:
                    ranked[pair] = found
        return sorted(ranked, key=lambda pair: ranked[pair])

    def _free(self, media_type: str) -> list[int]:
        """Those of a type that have no role yet."""
        return [
            at
            for at, one in enumerate(self._all)
            if one.media_type == media_type and at not in self._roles
        ]

    def _name_the_rest(self) -> None:
        """One of a group is its first; what else has no role yet is of its burst."""
        heads: dict[int, list[int]] = defaultdict(list)
        for at in range(len(self._all)):
            if at not in self._roles:
                heads[self._root(at)].append(at)
        for positions in heads.values():
            first = min(positions, key=self._rank_head)
            for at in positions:
                is_burst = at != first and self._all[at].burst_identifier is not None
                self._roles[at] = "burst" if is_burst else "primary"

    def _rank_head(self, at: int) -> Rank:
        one = self._all[at]
        was_first = one.group_id is not None and one.role == "primary"
        is_cover = is_burst_cover(one.name)
        return (one.is_video, not is_cover, not was_first, one.captured_local, at)

    def _attach(self, at: int, anchor: int, role: Role) -> None:
        self._roles[at] = role
        self._anchors[at] = anchor
        self._join((at, anchor))

    def _anchor(self, at: int) -> int:
        while at in self._anchors:
            at = self._anchors[at]
        return at

    def _join(self, positions: Sequence[int]) -> None:
        for at in positions[1:]:
            one, other = sorted((self._root(positions[0]), self._root(at)))
            self._parents[other] = one

    def _root(self, at: int) -> int:
        while self._parents[at] != at:
            self._parents[at] = self._parents[self._parents[at]]
            at = self._parents[at]
        return at


def _buckets(
    candidates: Sequence[Candidate], keys: Callable[[Candidate], Iterable[object]]
) -> list[list[int]]:
    """Positions of those that have a key in common; those alone with theirs are left out."""
    found: dict[object, list[int]] = defaultdict(list)
    for at, one in enumerate(candidates):
        for key in keys(one):
            found[key].append(at)
    return [positions for positions in found.values() if len(positions) > 1]


def _given(value: object | None) -> tuple[object, ...]:
    return () if value is None else (value,)


def _is_same(one: object | None, other: object | None) -> bool:
    return one is not None and one == other
