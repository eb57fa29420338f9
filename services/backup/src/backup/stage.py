"""The backup stage as far as it goes today: it says that there is none."""

from collections.abc import Sequence
from typing import Never

from photo_factory.database import Cursor
from photo_factory.errors import Transient
from photo_factory.models import Asset
from photo_factory.settings import Settings
from photo_factory.stage import Context, Stage

NOT_CONFIGURED = "No backup target is configured. Originals exist only in the library."


def requirement(settings: Settings) -> str | None:  # noqa: ARG001 - no setting names a target yet
    """Why nothing is backed up."""
    return NOT_CONFIGURED


def process(asset: Asset, context: Context) -> Never:  # noqa: ARG001 - a stage's form
    """Refuse: there is nowhere to copy to. The engine does not come here while that is so."""
    code = "backup_not_configured"
    raise Transient(code, f"{asset.path}: {NOT_CONFIGURED}")


def record(cursor: Cursor, results: Sequence[tuple[int, Never]]) -> None:
    """Write nothing: there are no results."""


STAGE = Stage(
    name="backup",
    flag="is_backed_up",
    process=process,
    record=record,
    requirement=requirement,
)
