"""What failed and needs a person: reads for people, and the way back into the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from photo_factory.database import PENDING, Connection
from photo_factory.imports import IS_IMPORT, SOURCE

INBOX_SCOPE = "inbox"
"""The scope of a problem with a file that has not become an asset yet."""

IMPORT_SCOPE = "import"
"""The same in the source of a bulk import, which is tried again by running the import again."""

WHERE_IT_LIES = f"CASE WHEN {IS_IMPORT} THEN '{IMPORT_SCOPE}' ELSE '{INBOX_SCOPE}' END"
"""The scope of a row of inbox_files."""

SOURCE_PATH = f"CASE WHEN {IS_IMPORT} THEN {SOURCE} || '/' ELSE '' END || path"

PROBLEMS = f"""
SELECT * FROM (
    (SELECT work.stage AS scope, coalesce(work.error_code, 'unknown') AS code, asset.path,
        coalesce(work.error_message, '') AS message,
        coalesce(work.failed_at, work.enqueued_at) AS since, work.attempts, work.asset_id AS id
    FROM stage_work AS work JOIN media_assets AS asset ON asset.id = work.asset_id
    WHERE work.state = 'dead'
        AND (%(stage)s::text IS NULL OR work.stage = %(stage)s)
        AND (%(code)s::text IS NULL OR coalesce(work.error_code, 'unknown') = %(code)s)
    ORDER BY coalesce(work.failed_at, work.enqueued_at) DESC, work.asset_id DESC
    LIMIT %(limit)s)
    UNION ALL
    (SELECT {WHERE_IT_LIES}, coalesce(error_code, 'unknown'), {SOURCE_PATH},
        coalesce(error_message, ''), changed_at, attempts, id
    FROM inbox_files
    WHERE state = 'failed'
        AND (%(stage)s::text IS NULL OR {WHERE_IT_LIES} = %(stage)s)
        AND (%(code)s::text IS NULL OR coalesce(error_code, 'unknown') = %(code)s)
    ORDER BY changed_at DESC, id DESC
    LIMIT %(limit)s)
) AS problems
ORDER BY since DESC, scope, id DESC
LIMIT %(limit)s
"""  # noqa: S608 - constants of this package

GROUPS = f"""
SELECT scope, code, count(*) AS count, min(since) AS first_since, max(since) AS last_since,
    (array_agg(message ORDER BY since DESC))[1] AS message
FROM (
    SELECT stage AS scope, coalesce(error_code, 'unknown') AS code,
        coalesce(error_message, '') AS message, coalesce(failed_at, enqueued_at) AS since
    FROM stage_work
    WHERE state = 'dead' AND (%(stage)s::text IS NULL OR stage = %(stage)s)
    UNION ALL
    SELECT {WHERE_IT_LIES}, coalesce(error_code, 'unknown'), coalesce(error_message, ''),
        changed_at
    FROM inbox_files
    WHERE state = 'failed'
        AND (%(stage)s::text IS NULL OR {WHERE_IT_LIES} = %(stage)s)
) AS problems
GROUP BY scope, code
ORDER BY count DESC, scope, code
"""  # noqa: S608 - constants of this package

RETRY_WORK = """
UPDATE stage_work SET state = 'ready', run_at = now(), attempts = 0, failures = 0, owner = NULL,
    token = NULL, error_code = NULL, error_message = NULL, traceback = NULL, failed_at = NULL
WHERE state = 'dead'
    AND (%(stage)s::text IS NULL OR stage = %(stage)s)
    AND (%(code)s::text IS NULL OR coalesce(error_code, 'unknown') = %(code)s)
    AND (%(ids)s::bigint[] IS NULL OR asset_id = ANY (%(ids)s))
"""

RETRY_INBOX = f"""
UPDATE inbox_files SET state = 'waiting', next_try_at = now(), attempts = 0, owner = NULL,
    error_code = NULL, error_message = NULL
WHERE state = 'failed' AND NOT {IS_IMPORT}
    AND coalesce(%(stage)s::text, 'inbox') = 'inbox'
    AND (%(code)s::text IS NULL OR coalesce(error_code, 'unknown') = %(code)s)
    AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s))
"""  # noqa: S608 - a constant of this package


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that needs a person.

    Attributes:
        scope: inbox, import, or the name of the stage that failed.
        path: Below the inbox (control characters escaped), absolute for an import's file, or the
            asset's path in the library.
        since: When it failed; for a file in the inbox, when that file last changed.
        id: The asset's id, or for the scopes inbox and import the id of the inbox file.
    """

    scope: str
    code: str
    path: str
    message: str
    since: datetime
    attempts: int
    id: int


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """All problems of one scope that have the same cause.

    Attributes:
        message: That of the newest one, as an example.
    """

    scope: str
    code: str
    count: int
    first_since: datetime
    last_since: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Retried:
    """How many problems were put back into the line."""

    work: int
    inbox: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.work + self.inbox


def read_problems(
    connection: Connection, stage: str | None = None, limit: int = 100, code: str | None = None
) -> tuple[Problem, ...]:
    """Read the newest problems first.

    Args:
        connection: Where to read.
        stage: Only this stage, or inbox, or import.
        limit: At most so many.
        code: Only this cause.
    """
    wanted = {"stage": stage, "code": code, "limit": limit}
    with connection.cursor(row_factory=class_row(Problem)) as cursor:
        return tuple(cursor.execute(PROBLEMS, wanted))


def read_problem_groups(
    connection: Connection, stage: str | None = None
) -> tuple[ProblemGroup, ...]:
    """Count problems by scope and cause, the most frequent first."""
    with connection.cursor(row_factory=class_row(ProblemGroup)) as cursor:
        return tuple(cursor.execute(GROUPS, {"stage": stage}))


def retry_problems(
    connection: Connection,
    stage: str | None = None,
    code: str | None = None,
    ids: Sequence[int] | None = None,
) -> Retried:
    """Put failed work back into the line, as if it had never been tried, and wake the services.

    Quarantined files stay where they are: they no longer lie in the inbox. Files of an import
    stay as they are: nobody but the next import tries them again.

    Args:
        connection: Where to write.
        stage: Only this stage, or inbox.
        code: Only this cause.
        ids: Only these, as `Problem.id` has them. None means all.
    """
    wanted = {"stage": stage, "code": code, "ids": None if ids is None else list(ids)}
    with connection.transaction():
        work = connection.execute(RETRY_WORK, wanted).rowcount
        inbox = connection.execute(RETRY_INBOX, wanted).rowcount
        connection.execute("SELECT pg_notify(%s, '')", [PENDING])
    return Retried(work, inbox)
