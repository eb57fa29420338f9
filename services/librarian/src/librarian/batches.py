"""What is done to whole batches of examined files."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from librarian.copies import discard_copies
from librarian.examination import Examined, Verdict, Wait
from librarian.queries import InboxFile

ItemT = TypeVar("ItemT")


def away(file: InboxFile) -> Wait:
    """It begins anew: the library's disk has gone since the turn began, or the asset has."""
    return Wait(file.identity, 0.0)


def chunks(items: Sequence[ItemT], size: int) -> list[Sequence[ItemT]]:
    """Cut into pieces of a size, the last may be shorter."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def split_by_size(files: Sequence[InboxFile], most_bytes: int) -> list[list[InboxFile]]:
    """Cut into batches of at most so many bytes, in their order; a larger file is alone."""
    batches: list[list[InboxFile]] = []
    room = 0
    for file in files:
        if not batches or file.size_bytes > room:
            batches.append([])
            room = most_bytes
        batches[-1].append(file)
        room -= file.size_bytes
    return batches


def unique_contents(
    found: Iterable[tuple[InboxFile, Verdict]],
) -> tuple[list[Examined], list[tuple[InboxFile, Wait]]]:
    """Media files with different bytes, and what waits.

    The same bytes twice in one batch: the second is a duplicate once the first is in.
    """
    media: dict[str, Examined] = {}
    waits: list[tuple[InboxFile, Wait]] = []
    for file, verdict in found:
        if isinstance(verdict, Wait):
            waits.append((file, verdict))
        elif isinstance(verdict, Examined) and media.setdefault(verdict.sha256, verdict) != verdict:
            discard_copies([verdict])
            waits.append((file, Wait(file.identity, 0.0)))
    return list(media.values()), waits
