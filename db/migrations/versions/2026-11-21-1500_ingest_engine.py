"""What ingest needs to know: companions, the ledger of kept inboxes, moves, alerts."""

from alembic import op

revision = "20261121_1500"
down_revision = "20261121_0900"
branch_labels = None
depends_on = None

ASSETS = """
ALTER TABLE media_assets
    ADD COLUMN is_described boolean NOT NULL DEFAULT true,
    ADD COLUMN is_misnamed boolean NOT NULL DEFAULT false,
    ADD COLUMN has_embedded_video boolean NOT NULL DEFAULT false,
    ADD COLUMN companion_key text,
    ADD COLUMN content_identifier text,
    ADD COLUMN burst_identifier text;
ALTER TABLE media_assets ALTER COLUMN is_described SET DEFAULT false;
COMMENT ON COLUMN media_assets.is_described IS 'All tags are in metadata. Until then only those that decide date, place and pair are.';
COMMENT ON COLUMN media_assets.is_misnamed IS 'The name''s extension is not one of the content''s type; the name is kept.';
COMMENT ON COLUMN media_assets.has_embedded_video IS 'A motion photo: a video stands behind the picture in the same file.';
COMMENT ON COLUMN media_assets.companion_key IS 'Folder and stem under which companions (RAW, Live Photo video, edited version, sidecar) find one another.';
COMMENT ON COLUMN media_assets.content_identifier IS 'Apple''s id that a Live Photo''s still and video share.';
COMMENT ON COLUMN media_assets.burst_identifier IS 'What the photos of one burst share.';
COMMENT ON COLUMN media_assets.role IS 'In its group: primary, live_video, raw, edited or burst.';
COMMENT ON COLUMN media_assets.group_id IS 'Assets that belong together share it.';
CREATE INDEX ix_media_assets_undescribed ON media_assets (id) WHERE NOT is_described;
CREATE INDEX ix_media_assets_companion_key ON media_assets (companion_key, id);
CREATE INDEX ix_media_assets_content_identifier ON media_assets (content_identifier) WHERE content_identifier IS NOT NULL;
CREATE INDEX ix_media_assets_burst_identifier ON media_assets (burst_identifier) WHERE burst_identifier IS NOT NULL;
CREATE INDEX ix_media_assets_group_id ON media_assets (group_id) WHERE group_id IS NOT NULL;
ALTER TABLE duplicates ADD COLUMN companion_key text;
COMMENT ON COLUMN duplicates.companion_key IS 'As in media_assets: what came with the duplicate finds the asset by it.';
CREATE INDEX ix_duplicates_companion_key ON duplicates (companion_key, id) WHERE companion_key IS NOT NULL;
"""

SIDECARS = """
CREATE TABLE sidecars (
    id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_sidecars PRIMARY KEY,
    asset_id       bigint NOT NULL CONSTRAINT fk_sidecars_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    kind           text NOT NULL CONSTRAINT ck_sidecars_kind CHECK (kind IN ('xmp', 'aae', 'thm', 'srt')),
    path           text NOT NULL CONSTRAINT uq_sidecars_path UNIQUE,
    sha256         bytea NOT NULL CONSTRAINT ck_sidecars_sha256 CHECK (octet_length(sha256) = 32),
    original_name  text NOT NULL,
    source         text NOT NULL,
    size_bytes     bigint NOT NULL,
    added_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_sidecars_content UNIQUE (asset_id, sha256)
);
COMMENT ON TABLE sidecars IS 'Files that belong to an asset and are no photo or video: edits, captions, tracks.';
COMMENT ON COLUMN sidecars.path IS 'Where it lies, relative to the library: beside its asset.';
"""

INBOX = """
ALTER TABLE inbox_files ADD COLUMN companion_key text;
COMMENT ON COLUMN inbox_files.companion_key IS 'Of a sidecar that waits for its photo: woken when an asset with this key is stored.';
COMMENT ON COLUMN inbox_files.state IS 'waiting: until next_try_at. ingesting: in hand, next_try_at is the lease. releasing: stored and recorded, to be removed from the inbox. failed: needs a person. quarantined: moved to the quarantine, asks for nothing.';
CREATE INDEX ix_inbox_files_companion_key ON inbox_files (companion_key) WHERE companion_key IS NOT NULL;
DROP INDEX ix_inbox_files_due;
CREATE INDEX ix_inbox_files_due ON inbox_files ((size_bytes > 67108864), next_try_at, id)
    WHERE state IN ('waiting', 'ingesting', 'releasing');
ALTER TABLE inbox_files SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE seen (
    inbox        text NOT NULL,
    path_bytes   bytea NOT NULL,
    device       bigint NOT NULL,
    inode        bigint NOT NULL,
    size_bytes   bigint NOT NULL,
    modified_ns  bigint NOT NULL,
    asset_id     bigint NOT NULL CONSTRAINT fk_seen_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    seen_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_seen_path ON seen (inbox, sha256(path_bytes));
CREATE INDEX ix_seen_asset_id ON seen (asset_id);
COMMENT ON TABLE seen IS 'Files that were taken in and left where they are (mode keep, import --copy), so that they are not read again.';
"""

# With a single table, PostgreSQL before 16 writes the view's columns in another way than later ones.
EXPLAINED = """
CREATE VIEW inbox_explained AS
SELECT f.id, f.inbox, f.path, f.size_bytes, f.state, f.first_seen_at, f.changed_at, f.error_code,
    CASE WHEN f.state IN ('waiting', 'ingesting') THEN f.next_try_at END AS next_try_at,
    CASE
        WHEN f.state IN ('failed', 'quarantined') THEN coalesce(f.error_code, 'unknown')
        WHEN f.error_code IS NOT NULL THEN f.error_code
        WHEN clock.is_due THEN 'in_line'
        WHEN f.state <> 'waiting' THEN 'in_hand'
        WHEN f.companion_key IS NOT NULL THEN 'sidecar_alone'
        WHEN f.error_message IS NOT NULL THEN 'not_ready'
        ELSE 'settling'
    END AS cause,
    CASE
        WHEN f.error_message IS NOT NULL THEN f.error_message
        WHEN f.state = 'releasing' THEN 'is stored; is being removed from the inbox'
        WHEN clock.is_due THEN 'waits for its turn'
        WHEN f.state = 'ingesting' THEN 'is being taken in now'
        ELSE 'waits until it has not changed for a while'
    END AS reason
FROM inbox_files AS f CROSS JOIN LATERAL (SELECT f.next_try_at <= now() AS is_due) AS clock;
COMMENT ON VIEW inbox_explained IS 'Every file that the librarian sees and has not finished with: why it is still there, since when, and when it is looked at next.';
COMMENT ON COLUMN inbox_explained.cause IS 'The reason as a word: an error code, or in_line, in_hand (being taken in), sidecar_alone (without its photo), not_ready (unfinished, unreadable), settling (changed just now).';
"""

MOVES = """
CREATE TABLE relocations (
    path        text NOT NULL CONSTRAINT pk_relocations PRIMARY KEY,
    new_path    text NOT NULL,
    sha256      bytea NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE relocations IS 'Moves within the library that have begun: an intention is written before the first link, and deleted after the last unlink.';
"""

ALERTS = """
CREATE TABLE alerts (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_alerts PRIMARY KEY,
    key          text NOT NULL,
    service      text NOT NULL,
    severity     text NOT NULL CONSTRAINT ck_alerts_severity CHECK (severity IN ('warning', 'critical')),
    code         text NOT NULL,
    message      text NOT NULL,
    raised_at    timestamptz NOT NULL DEFAULT now(),
    resolved_at  timestamptz
);
COMMENT ON TABLE alerts IS 'States that a person should know of, from when they began till they ended.';
COMMENT ON COLUMN alerts.key IS 'What it is about, such as librarian.root.library; at most one alert per key is open.';
CREATE UNIQUE INDEX uq_alerts_open ON alerts (key) WHERE resolved_at IS NULL;
CREATE INDEX ix_alerts_raised ON alerts (raised_at DESC);
"""


def upgrade() -> None:
    """Build them; the new columns have constant defaults, so no row is rewritten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for part in (ASSETS, SIDECARS, INBOX, EXPLAINED, MOVES, ALERTS):
        op.execute(part)


def downgrade() -> None:
    """Refuse: migrations only go forward."""
    message = "migrations only go forward; restore the dump taken before the upgrade"
    raise RuntimeError(message)
