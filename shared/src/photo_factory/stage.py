"""What a stage is: a function over a claimed asset, and the declaration of how to run it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import psycopg

from photo_factory.models import Asset

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Context:
    """What `process` is given beside the asset.

    Attributes:
        library: Root of the originals. Read only.
        scratch: An empty folder for this asset; on the file system of the derivatives if the
            stage publishes files.
        settings: The service's settings.
    """

    library: Path
    scratch: Path
    settings: Any

    def original(self, asset: Asset) -> Path:
        """The asset's original; never opened for writing."""
        return self.library / asset.path


@dataclass(frozen=True, slots=True)
class Publication:
    """A file in the scratch folder that shall stand at `target` below the derivatives root."""

    scratch: Path
    target: str


@dataclass(frozen=True, slots=True)
class Done(Generic[ResultT]):
    """Success: the result to record and the files to publish before it is recorded."""

    result: ResultT
    files: tuple[Publication, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """The stage does not apply to this asset; the reason is kept and shown."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how soon a failed attempt is repeated.

    The delay doubles with each attempt up to `cap_seconds`, and a random half of it is taken away
    so that a crowd of failures does not come back all at once.

    Attributes:
        max_failures: Attempts that may end in an error before a person is asked.
        max_bugs: The same for errors that the stage did not declare.
        max_attempts: Attempts that may end with the death of the worker itself. Generous, since a
            pulled plug is not the asset's fault, but bounded, since one day it may be.
    """

    max_failures: int = 8
    max_bugs: int = 3
    max_attempts: int = 50
    base_seconds: float = 30.0
    cap_seconds: float = 6 * 3600.0

    def delay_seconds(self, failures: int, draw: Callable[[], float] = random.random) -> float:
        """Seconds to wait after the given number of failures (1 is the first)."""
        doublings = min(max(failures, 1) - 1, 32)
        return min(self.cap_seconds, self.base_seconds * 2.0**doublings) * (0.5 + draw() / 2)


Record = Callable[[psycopg.Cursor[Any], Sequence[tuple[int, ResultT]]], None]
"""Writes results of several assets (asset id, result) in the transaction that completes them."""


def always_ready(settings: Any) -> str | None:  # noqa: ANN401, ARG001 - a stage's own settings
    """The requirement of a stage that needs nothing."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Generic[ResultT]):
    """The declaration of a stage.

    Which assets it applies to is said once, in the view stage_candidates.

    Attributes:
        name: The stage's name in stage_work.
        flag: The column of media_assets that is set when it is done.
        process: Module-level function (it runs in a child process). Reads the asset, writes into
            the scratch folder, opens no database connection, retries nothing.
        process_many: The same for a whole chunk at once, for a stage that is much quicker so: one
            outcome for each asset, in their order. It writes no files. Where it raises anything,
            `process` is called for each asset alone, so that only the guilty one fails.
        record: Module-level function that writes the results of completed assets. One that writes
            to their rows of media_assets anyway sets the flag along with it.
        requirement: Says why the stage cannot run at all (not configured), or None.
        roots: Folders that it needs, of library and derivatives. While one of them is not the
            folder that the database knows, the stage pauses. One that publishes files names
            derivatives; its scratch folder is there.
        version: Raised when its results change. A stage whose results have a column for it
            records it there, so that old ones can be told from new ones.
        parallel: Assets worked on at once. 0 means one per processor.
        batch_size: Assets claimed at once.
        chunk_size: Assets handed to a child process at once. 1 unless an asset takes
            microseconds.
        lease_seconds: A claim not renewed for this long is free for others. It is renewed every
            third of that, so it is no limit on the work itself.
        time_limit_seconds: A child that takes longer for one asset is killed.
        memory_limit_bytes: Address space of a child process; None is unlimited.
    """

    name: str
    flag: str
    process: Callable[[Asset, Context], Done[ResultT] | Skipped]
    record: Record[ResultT]
    process_many: Callable[[Sequence[Asset], Context], Sequence[Done[ResultT] | Skipped]] | None = (
        None
    )
    requirement: Callable[[Any], str | None] = always_ready
    roots: tuple[str, ...] = ()
    version: int = 1
    parallel: int = 0
    batch_size: int = 32
    chunk_size: int = 1
    lease_seconds: float = 60.0
    time_limit_seconds: float = 120.0
    memory_limit_bytes: int | None = None
    retry: Retry = field(default_factory=Retry)
