"""A stage that does a chunk at once; its children can import it by name."""

from collections.abc import Sequence
from dataclasses import replace

from photo_factory.models import Asset
from photo_factory.stage import Context, Done, Skipped
from sample_stages import CHUNKED, act


def act_together(assets: Sequence[Asset], context: Context) -> list[Done[str] | Skipped]:  # noqa: ARG001 - a stage's form
    """Do all at once, which cannot be done if one of them is difficult."""
    names = [asset.path.rpartition("/")[2] for asset in assets]
    if any(name.startswith("short") for name in names):
        return []
    if not all(name.startswith(("good", "skip")) for name in names):
        message = "one of these is no good"
        raise ValueError(message)
    return [
        Skipped("there is no picture in it") if name.startswith("skip") else Done("together")
        for name in names
    ]


TOGETHER = replace(CHUNKED, process=act, process_many=act_together, parallel=1)
