"""A stage whose behaviour each asset's name chooses; its children can import it by name."""

import errno
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from photo_factory.database import Cursor
from photo_factory.errors import Permanent, Transient
from photo_factory.models import Asset
from photo_factory.settings import Settings
from photo_factory.stage import Context, Done, Publication, Retry, Skipped, Stage
from photo_factory.worker import run_stage


def act(asset: Asset, context: Context) -> Done[str] | Skipped:
    """Do what the asset's name says."""
    name = asset.path.rpartition("/")[2].partition("-")[0]
    if name == "permanent":
        code = "codec_unsupported"
        raise Permanent(code, f"{asset.path}: no decoder.")
    if name == "transient":
        code = "share_away"
        raise Transient(code, f"{asset.path}: the share is away.", after_seconds=0.0)
    if name == "bug":
        message = "division by a cat"
        raise ZeroDivisionError(message)
    if name == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "hang":
        time.sleep(600)
    if name == "unreadable":
        raise OSError(errno.EIO, "Input/output error")
    if name == "slow":
        time.sleep(1.0)
    if name == "skip":
        return Skipped("there is no picture in it")
    if name == "poison":
        return Done("nul \0 cannot be stored")
    made = context.scratch / "made.txt"
    made.write_text(asset.sha256)
    return Done(asset.sha256, (Publication(made, f"thumb/{asset.sha256}.txt"),))


def record(cursor: Cursor, results: Sequence[tuple[int, str]]) -> None:
    """Keep each result where the test can read it."""
    cursor.executemany(
        "UPDATE media_assets SET lens = %s WHERE id = %s",
        [(result, asset_id) for asset_id, result in results],
    )


STAGE = Stage(
    name="thumbnailer",
    flag="is_thumbnailed",
    process=act,
    record=record,
    roots=("library", "derivatives"),
    parallel=2,
    batch_size=8,
    lease_seconds=3.0,
    time_limit_seconds=5.0,
    retry=Retry(max_failures=3, base_seconds=0.01, cap_seconds=0.02),
)
CHUNKED = replace(STAGE, chunk_size=4)


if __name__ == "__main__":
    sys.exit(run_stage(STAGE, Settings()))
