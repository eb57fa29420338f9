"""Has a stage do assets again: as if it had never had them."""

from collections.abc import Sequence

from psycopg import sql

from photo_factory import queue
from photo_factory.database import PENDING, Connection, Cursor

FLAGS = {"geocoder": "is_geocoded", "thumbnailer": "is_thumbnailed"}
"""The flag of each stage whose results can be made again."""

FORGET = "DELETE FROM stage_work WHERE stage = %s AND asset_id = ANY(%s)"
CLEAR = sql.SQL("""
WITH due AS (
    SELECT id FROM media_assets WHERE id = ANY(%s) AND {flag} ORDER BY id FOR NO KEY UPDATE
)
UPDATE media_assets a SET {flag} = false, updated_at = now() FROM due WHERE a.id = due.id
""")
WAITING = """
SELECT count(*) FROM stage_work WHERE stage = %s AND asset_id = ANY(%s) AND state = 'ready'
"""


def redo(connection: Connection, stage: str, asset_ids: Sequence[int]) -> int:
    """Clear the flag of a page of assets and feed them, in one transaction; returns how many.

    What the stage has in hand of them at this moment is dropped when it is ready: it may follow
    from what is no longer so. What had failed is tried again. Assets to which the stage does not
    apply are left out.
    """
    with connection.transaction(), connection.cursor() as cursor:
        forget_work(cursor, stage, asset_ids)
        flag = sql.Identifier(FLAGS[stage])
        cursor.execute(CLEAR.format(flag=flag), (list(asset_ids),))
        queue.feed_assets(cursor, asset_ids)
        cursor.execute(f"NOTIFY {PENDING}")
        row = cursor.execute(WAITING, (stage, list(asset_ids))).fetchone()
    return 0 if row is None else int(row[0])


def forget_work(cursor: Cursor, stage: str, asset_ids: Sequence[int]) -> None:
    """Take assets out of a stage's hands; before their rows are locked, as the stage does it."""
    cursor.execute(FORGET, (stage, list(asset_ids)))
