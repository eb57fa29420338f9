"""Bulk imports as the database shows them: their rows of `inbox_files`, and whether they still run.

An import is a process that a person started. It may have been stopped long ago; what it had before
it then stands in `inbox_files` till it is run again, and is not on its way.
"""

IMPORT_PREFIX = "import:"
"""Begins the name under which an import's files stand in `inbox_files` and `seen`; the folder's
path follows, after `move:` where its files are moved. No inbox's name has a colon."""

IMPORT_LOCKS = 7_205_761
"""First key of the advisory lock that an import holds on its folder for as long as it lives."""

IS_IMPORT = f"starts_with(inbox, '{IMPORT_PREFIX}')"

SOURCE = f"regexp_replace(inbox, '^{IMPORT_PREFIX}(move:)?', '')"
"""The folder that an import reads."""

HAS_ENDED = f"""({IS_IMPORT} AND hashtext({SOURCE})::bigint & 4294967295 NOT IN (
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND classid = {IMPORT_LOCKS} AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
))"""  # noqa: S608 - constants of this file
"""Whether a row of `inbox_files` is that of an import that no longer runs."""
