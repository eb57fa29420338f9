"""Copies that wait in the library's incoming folder, and what becomes of those not needed."""

from collections.abc import Collection, Iterable

from librarian.duplicates import Proof
from librarian.examination import Examined, ExaminedSidecar


def discard_copies(found: Iterable[object], in_hand: Collection[int] = ()) -> None:
    """Remove copies that are not needed: they have got their names, or never will.

    Args:
        found: Results of any step of ingest.
        in_hand: Files (row ids) that a later step is at; theirs stay.
    """
    for result in found:
        one = _examined(result)
        if one is not None and one.copy is not None and one.file.id not in in_hand:
            one.copy.unlink(missing_ok=True)


def _examined(result: object) -> Examined | ExaminedSidecar | None:
    match result:
        case Examined() | ExaminedSidecar():
            return result
        case Proof():
            return result.examined
        case (Examined() as one, _):
            return one
        case (_, (Examined() | ExaminedSidecar()) as one):
            return one
        case _:
            return None
