"""Decides what the list of doubtful dates says. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard import dating, rows, wording
from dashboard.queries import UnsureGroup
from dashboard.standing import Tone

REASONS = {
    "none": "Nothing in these files says when they were taken.",
    "low": "What these dates rest on may as well be the time of a copy, an edit or a message.",
    dating.UNJUDGED: "These dates were decided before it was noted how sure they are. "
    "The command photo-factory reclassify judges them.",
}


@dataclass(frozen=True, slots=True)
class Unsure:
    """Assets whose dates rest on the same little.

    Attributes:
        number: Exact, or at least so many.
        more: Those that are not shown; empty if all are.
    """

    tone: Tone
    state: str
    number: str
    source: str
    tag: str
    reason: str
    photos: tuple[rows.Photo, ...]
    more: str


def unsure(groups: Iterable[UnsureGroup]) -> tuple[Unsure, ...]:
    """The doubtful dates, by what they rest on."""
    return tuple(_group(group) for group in groups)


def _group(group: UnsureGroup) -> Unsure:
    is_judged = group.confidence != dating.UNJUDGED
    tone, state = dating.confidence(group.confidence, int(is_judged))
    words = dating.source_words(group.source).partition(":")[0] if is_judged else ""
    left = group.number - len(group.examples)
    return Unsure(
        tone=tone,
        state=state,
        number=_number(group.number, is_more=group.is_more),
        source=wording.sentence(words),
        tag=dating.tag_of(group.source),
        reason=REASONS.get(group.confidence, ""),
        photos=tuple(rows.photo(asset) for asset in group.examples),
        more=_more(left, is_more=group.is_more),
    )


def _number(number: int, *, is_more: bool) -> str:
    return f"{wording.count(number)}+ files" if is_more else wording.plural(number, "file")


def _more(left: int, *, is_more: bool) -> str:
    if is_more:
        return f"and {wording.count(left)} or more others" if left else "There may be more."
    return f"and {wording.plural(left, 'other')}" if left else ""
