"""The tables of the first working line: assets, work, inbox, places, derivatives, status."""

from alembic import op

revision = "20261121_0900"
down_revision = None
branch_labels = None
depends_on = None

ASSETS = """
CREATE TABLE places (
    id            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_places PRIMARY KEY,
    source        text NOT NULL,
    source_id     text NOT NULL,
    name          text NOT NULL,
    region        text,
    country       text NOT NULL,
    country_code  text NOT NULL CONSTRAINT ck_places_country_code CHECK (country_code ~ '^[A-Z]{2}$'),
    latitude      double precision,
    longitude     double precision,
    data_version  text NOT NULL,
    CONSTRAINT uq_places_source UNIQUE (source, source_id)
);
COMMENT ON TABLE places IS 'Named places that assets point at; written by the geocoder.';
COMMENT ON COLUMN places.latitude IS 'Null where the place is a whole country.';
COMMENT ON COLUMN places.source_id IS 'The id of the place in its source, such as a GeoNames id.';

CREATE TABLE media_assets (
    id                  bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_media_assets PRIMARY KEY,
    sha256              bytea NOT NULL CONSTRAINT ck_media_assets_sha256 CHECK (octet_length(sha256) = 32),
    path                text NOT NULL,
    original_name       text NOT NULL,
    source              text NOT NULL,
    media_type          text NOT NULL CONSTRAINT ck_media_assets_media_type CHECK (media_type IN ('photo', 'video')),
    mime_type           text NOT NULL,
    size_bytes          bigint NOT NULL CONSTRAINT ck_media_assets_size_bytes CHECK (size_bytes > 0),
    captured_at         timestamptz,
    captured_local      timestamp NOT NULL,
    utc_offset_minutes  smallint,
    captured_source     text NOT NULL,
    width               integer,
    height              integer,
    duration_seconds    double precision,
    orientation         smallint,
    camera_make         text,
    camera_model        text,
    lens                text,
    location            jsonb,
    metadata            jsonb NOT NULL DEFAULT '{}',
    role                text NOT NULL DEFAULT 'primary',
    group_id            uuid,
    place_id            bigint CONSTRAINT fk_media_assets_place_id REFERENCES places (id),
    placeholder         bytea,
    is_geocoded         boolean NOT NULL DEFAULT false,
    is_thumbnailed      boolean NOT NULL DEFAULT false,
    is_backed_up        boolean NOT NULL DEFAULT false,
    ingested_at         timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_media_assets_sha256 UNIQUE (sha256),
    CONSTRAINT uq_media_assets_path UNIQUE (path)
);
COMMENT ON TABLE media_assets IS 'One row per original in the library. The flags say what has been done to it.';
COMMENT ON COLUMN media_assets.sha256 IS 'SHA-256 of the original''s bytes; its identity.';
COMMENT ON COLUMN media_assets.path IS 'Where the original lies, relative to the library.';
COMMENT ON COLUMN media_assets.source IS 'Where it came from: the inbox and the path in it.';
COMMENT ON COLUMN media_assets.captured_at IS 'The instant of capture; null while the offset from UTC is unknown.';
COMMENT ON COLUMN media_assets.captured_local IS 'Wall-clock time where it was taken; decides the folder.';
COMMENT ON COLUMN media_assets.utc_offset_minutes IS 'Offset of captured_local from UTC; null means unknown.';
COMMENT ON COLUMN media_assets.captured_source IS 'The tag, file name or file time that decided captured_local.';
COMMENT ON COLUMN media_assets.location IS '{"latitude", "longitude", "altitude", "source"}, degrees (south and west negative) and metres.';
COMMENT ON COLUMN media_assets.metadata IS 'The tags as read, keyed Group:Tag.';
COMMENT ON COLUMN media_assets.placeholder IS 'ThumbHash of the picture, shown until its thumbnail has loaded.';
CREATE INDEX ix_media_assets_geocoder ON media_assets (id) WHERE NOT is_geocoded AND location IS NOT NULL;
CREATE INDEX ix_media_assets_thumbnailer ON media_assets (id) WHERE NOT is_thumbnailed;
CREATE INDEX ix_media_assets_backup ON media_assets (id) WHERE NOT is_backed_up;
CREATE INDEX ix_media_assets_captured ON media_assets (captured_local DESC, id DESC);
CREATE INDEX ix_media_assets_ingested ON media_assets (ingested_at DESC, id DESC);
CREATE INDEX ix_media_assets_counts ON media_assets (media_type, is_geocoded, is_thumbnailed, is_backed_up) INCLUDE (size_bytes);

CREATE TABLE derivatives (
    asset_id    bigint NOT NULL CONSTRAINT fk_derivatives_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    kind        text NOT NULL CONSTRAINT ck_derivatives_kind CHECK (kind IN ('thumb', 'preview', 'web')),
    path        text NOT NULL CONSTRAINT uq_derivatives_path UNIQUE,
    mime_type   text NOT NULL,
    width       integer NOT NULL,
    height      integer NOT NULL,
    size_bytes  bigint NOT NULL,
    engine      text NOT NULL,
    version     integer NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_derivatives PRIMARY KEY (asset_id, kind)
);
COMMENT ON TABLE derivatives IS 'Pictures made from originals. They can be made again at any time.';
COMMENT ON COLUMN derivatives.path IS 'Relative to the derivatives folder.';
COMMENT ON COLUMN derivatives.engine IS 'The decoder, or the rung of the fallback ladder, that made it.';
"""

WORK = """
CREATE SEQUENCE stage_work_token;
CREATE TABLE stage_work (
    stage          text NOT NULL,
    asset_id       bigint NOT NULL CONSTRAINT fk_stage_work_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    state          text NOT NULL DEFAULT 'ready' CONSTRAINT ck_stage_work_state CHECK (state IN ('ready', 'leased', 'dead', 'skipped')),
    run_at         timestamptz NOT NULL DEFAULT now(),
    priority       smallint NOT NULL DEFAULT 0,
    owner          uuid,
    token          bigint,
    attempts       integer NOT NULL DEFAULT 0,
    failures       integer NOT NULL DEFAULT 0,
    error_code     text,
    error_message  text,
    traceback      text,
    enqueued_at    timestamptz NOT NULL DEFAULT now(),
    failed_at      timestamptz,
    CONSTRAINT pk_stage_work PRIMARY KEY (stage, asset_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE stage_work IS 'What each stage still has to do, one row per asset and stage. A row is deleted when its work is done.';
COMMENT ON COLUMN stage_work.state IS 'ready: waits for run_at. leased: in hand until run_at. dead: needs a person. skipped: does not apply, the reason is in error_message.';
COMMENT ON COLUMN stage_work.run_at IS 'Schedule and lease expiry in one: the row may be claimed from this instant on.';
COMMENT ON COLUMN stage_work.priority IS 'Higher is claimed sooner.';
COMMENT ON COLUMN stage_work.owner IS 'The worker process that holds the lease; a fresh UUID per process start.';
COMMENT ON COLUMN stage_work.token IS 'Fencing token: a renewal or finish that does not carry the current one is refused.';
COMMENT ON COLUMN stage_work.attempts IS 'Raised in the claim, so that code that dies is counted.';
COMMENT ON COLUMN stage_work.failures IS 'Attempts that ended in an error. Only these use up retries; a pulled plug does not.';
CREATE INDEX ix_stage_work_due ON stage_work (stage, priority DESC, run_at, asset_id) WHERE state IN ('ready', 'leased');
CREATE INDEX ix_stage_work_dead ON stage_work (stage, error_code) WHERE state = 'dead';

CREATE VIEW stage_candidates AS
    SELECT 'geocoder'::text AS stage, id AS asset_id FROM media_assets WHERE NOT is_geocoded AND location IS NOT NULL
    UNION ALL
    SELECT 'thumbnailer'::text, id FROM media_assets WHERE NOT is_thumbnailed;
COMMENT ON VIEW stage_candidates IS 'What the flags say is still to be done: the one place that says which assets a stage applies to. stage_work is fed from it.';

CREATE TABLE stage_metrics (
    stage         text NOT NULL,
    minute        timestamptz NOT NULL,
    done          integer NOT NULL DEFAULT 0,
    failed        integer NOT NULL DEFAULT 0,
    skipped       integer NOT NULL DEFAULT 0,
    bytes         bigint NOT NULL DEFAULT 0,
    busy_seconds  double precision NOT NULL DEFAULT 0,
    CONSTRAINT pk_stage_metrics PRIMARY KEY (stage, minute)
);
COMMENT ON TABLE stage_metrics IS 'Throughput and failures per stage and minute. The librarian counts here too, as stage librarian.';
COMMENT ON COLUMN stage_metrics.bytes IS 'Bytes of the originals that were worked on.';
COMMENT ON COLUMN stage_metrics.busy_seconds IS 'Sum of the time that items were in work; may exceed 60 with several at once.';
"""

INBOX = """
CREATE TABLE inbox_files (
    id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_inbox_files PRIMARY KEY,
    inbox          text NOT NULL,
    path_bytes     bytea NOT NULL,
    path           text NOT NULL,
    device         bigint NOT NULL,
    inode          bigint NOT NULL,
    size_bytes     bigint NOT NULL,
    modified_ns    bigint NOT NULL,
    state          text NOT NULL DEFAULT 'waiting' CONSTRAINT ck_inbox_files_state CHECK (state IN ('waiting', 'ingesting', 'releasing', 'failed', 'quarantined')),
    first_seen_at  timestamptz NOT NULL DEFAULT now(),
    changed_at     timestamptz NOT NULL DEFAULT now(),
    next_try_at    timestamptz NOT NULL,
    owner          uuid,
    attempts       integer NOT NULL DEFAULT 0,
    asset_id       bigint CONSTRAINT fk_inbox_files_asset_id REFERENCES media_assets (id) ON DELETE SET NULL,
    intended_path  text,
    error_code     text,
    error_message  text
);
COMMENT ON TABLE inbox_files IS 'What the librarian sees in the inbox. A row goes when its file has been taken in or has gone.';
COMMENT ON COLUMN inbox_files.path_bytes IS 'Path below the inbox exactly as the file system has it; it need not be UTF-8.';
COMMENT ON COLUMN inbox_files.path IS 'The same path for people, undecodable bytes and control characters escaped.';
COMMENT ON COLUMN inbox_files.device IS 'Device and inode are kept as signed 64-bit patterns.';
COMMENT ON COLUMN inbox_files.state IS 'waiting: until next_try_at. ingesting: in hand, next_try_at is the lease. releasing: stored and recorded, to be removed from the inbox. failed: needs a person.';
COMMENT ON COLUMN inbox_files.intended_path IS 'Name in the library, written before the file is put there: what a crash may have left without a row.';
COMMENT ON COLUMN inbox_files.changed_at IS 'When size or modification time last differed from the time before.';
CREATE UNIQUE INDEX uq_inbox_files_path ON inbox_files (inbox, sha256(path_bytes));
CREATE INDEX ix_inbox_files_due ON inbox_files (next_try_at, size_bytes) WHERE state IN ('waiting', 'ingesting', 'releasing');
CREATE INDEX ix_inbox_files_failed ON inbox_files (error_code) WHERE state IN ('failed', 'quarantined');

CREATE TABLE duplicates (
    id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_duplicates PRIMARY KEY,
    asset_id       bigint NOT NULL CONSTRAINT fk_duplicates_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    sha256         bytea NOT NULL,
    inbox          text NOT NULL,
    path           text NOT NULL,
    original_name  text NOT NULL,
    size_bytes     bigint NOT NULL,
    found_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE duplicates IS 'Every duplicate that was removed from the inbox after the library''s copy had been proven intact.';
CREATE INDEX ix_duplicates_asset_id ON duplicates (asset_id);
"""

STATUS = """
CREATE TABLE system_status (
    service           text NOT NULL,
    instance          text NOT NULL,
    kind              text NOT NULL DEFAULT 'service' CONSTRAINT ck_system_status_kind CHECK (kind IN ('service', 'database', 'volume')),
    status            text NOT NULL,
    message           text NOT NULL DEFAULT '',
    version           text NOT NULL,
    interval_seconds  double precision NOT NULL,
    started_at        timestamptz NOT NULL,
    last_seen_at      timestamptz NOT NULL DEFAULT now(),
    last_work_at      timestamptz,
    items_in_hand     integer NOT NULL DEFAULT 0,
    memory_bytes      bigint,
    details           jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT pk_system_status PRIMARY KEY (service, instance)
);
COMMENT ON TABLE system_status IS 'The latest heartbeat of every service instance, and what service-monitor saw of PostgreSQL and the disks.';
COMMENT ON COLUMN system_status.status IS 'healthy, degraded, paused, not_configured or stopped, as the service said of itself at last_seen_at. Whether it is stale follows from last_seen_at and interval_seconds.';

CREATE TABLE system_status_history (
    id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_system_status_history PRIMARY KEY,
    service        text NOT NULL,
    instance       text NOT NULL,
    status         text NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    items_in_hand  integer NOT NULL DEFAULT 0,
    memory_bytes   bigint,
    details        jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE system_status_history IS 'The series of heartbeats, kept for the number of days that service-monitor is set to.';
CREATE INDEX ix_system_status_history_recorded ON system_status_history (recorded_at);
CREATE INDEX ix_system_status_history_service ON system_status_history (service, instance, recorded_at DESC);

CREATE TABLE settings (
    key         text CONSTRAINT pk_settings PRIMARY KEY,
    value       jsonb NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE settings IS 'What the installation remembers: the identity of its folders (root.<name>), switches such as pauses.';
"""


def upgrade() -> None:
    """Create everything."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (ASSETS, WORK, INBOX, STATUS):
        op.execute(statements)


def downgrade() -> None:
    """Refuse: migrations only go forward."""
    message = "migrations only go forward; restore the dump taken before the upgrade"
    raise RuntimeError(message)
