"""True dates: how each was decided, what sidecars and Takeout say, corrections, albums, details."""

from alembic import op

revision = "20261121_1800"
down_revision = "20261121_1500"
branch_labels = None
depends_on = None

ASSETS = """
ALTER TABLE media_assets
    ADD COLUMN captured_confidence text NOT NULL DEFAULT 'low' CONSTRAINT ck_media_assets_captured_confidence CHECK (captured_confidence IN ('high', 'medium', 'low', 'none')),
    ADD COLUMN offset_source text,
    ADD COLUMN captured_candidates jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN capture_rules smallint NOT NULL DEFAULT 0,
    ADD COLUMN file_modified_at timestamptz,
    ADD COLUMN is_astray boolean NOT NULL DEFAULT false,
    ADD COLUMN exposure_seconds double precision,
    ADD COLUMN f_number double precision,
    ADD COLUMN iso integer,
    ADD COLUMN focal_length_mm double precision,
    ADD COLUMN focal_length_35mm double precision,
    ADD COLUMN video_codec text,
    ADD COLUMN audio_codec text,
    ADD COLUMN frame_rate double precision,
    ADD COLUMN dynamic_range text,
    ADD COLUMN color_profile text,
    ADD COLUMN rating smallint,
    ADD COLUMN title text,
    ADD COLUMN caption text,
    ADD COLUMN keywords text[] NOT NULL DEFAULT '{}',
    ADD COLUMN people jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN is_favorite boolean NOT NULL DEFAULT false,
    ADD COLUMN is_archived boolean NOT NULL DEFAULT false,
    ADD COLUMN special_types text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN media_assets.captured_confidence IS 'How sure captured_local is. none: only the file''s time was there to go by.';
COMMENT ON COLUMN media_assets.offset_source IS 'How utc_offset_minutes is known: tag, gps time, place, paired still, file name, home zone, correction.';
COMMENT ON COLUMN media_assets.captured_candidates IS 'All that could have been the time of capture, best first: source, text, and the reason why it lost (empty for the one that won).';
COMMENT ON COLUMN media_assets.capture_rules IS 'Version of the rules that decided; 0 means before they were counted.';
COMMENT ON COLUMN media_assets.file_modified_at IS 'Modification time of the file that was taken in; null if unknown.';
COMMENT ON COLUMN media_assets.is_astray IS 'The original does not lie where its date says; the librarian moves it.';
COMMENT ON COLUMN media_assets.dynamic_range IS 'sdr, hdr10, hlg, dolby vision or gain map; null if unknown.';
COMMENT ON COLUMN media_assets.rating IS '0 to 5 stars; -1 means rejected.';
COMMENT ON COLUMN media_assets.people IS 'People in the picture: name, kind, and where known x, y, width, height (centre and size, 0 to 1 of the upright picture).';
COMMENT ON COLUMN media_assets.special_types IS 'Such as panorama, portrait, burst, slow_motion, screenshot; see the glossary.';
CREATE INDEX ix_media_assets_astray ON media_assets (id) WHERE is_astray;
CREATE INDEX ix_media_assets_unsure ON media_assets (captured_confidence, id) WHERE captured_confidence IN ('low', 'none');
"""

SIDECARS = """
ALTER TABLE sidecars
    DROP CONSTRAINT ck_sidecars_kind,
    ADD CONSTRAINT ck_sidecars_kind CHECK (kind IN ('xmp', 'aae', 'thm', 'srt', 'takeout')),
    ADD COLUMN tags jsonb,
    ADD COLUMN fault text;
COMMENT ON COLUMN sidecars.tags IS 'What it says, under the names of ExifTool, or Takeout:…; null if it has not been read, or says nothing of the photo.';
COMMENT ON COLUMN sidecars.fault IS 'Why it cannot be read, in a sentence.';
CREATE INDEX ix_sidecars_asset_id ON sidecars (asset_id);
CREATE INDEX ix_sidecars_unread ON sidecars (id) WHERE kind = 'xmp' AND tags IS NULL AND fault IS NULL;
"""

CORRECTIONS = """
CREATE TABLE corrections (
    id              bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_corrections PRIMARY KEY,
    asset_id        bigint NOT NULL CONSTRAINT fk_corrections_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    captured_local  timestamp NOT NULL,
    utc_offset_minutes smallint CONSTRAINT ck_corrections_offset CHECK (abs(utc_offset_minutes) <= 840),
    author          text NOT NULL,
    made_at         timestamptz NOT NULL DEFAULT now(),
    undone_at       timestamptz,
    is_applied      boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE corrections IS 'Dates that a person has given. The newest that is not undone decides; the original''s bytes are never changed.';
COMMENT ON COLUMN corrections.is_applied IS 'The asset''s row says so; false again after it was undone until that shows.';
CREATE INDEX ix_corrections_asset ON corrections (asset_id, id);
CREATE INDEX ix_corrections_open ON corrections (id) WHERE NOT is_applied;
"""

ALBUMS = """
CREATE TABLE albums (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_albums PRIMARY KEY,
    source       text NOT NULL,
    title        text NOT NULL,
    description  text,
    added_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_albums_source UNIQUE (source)
);
COMMENT ON TABLE albums IS 'Collections that came with the photos.';
COMMENT ON COLUMN albums.source IS 'What makes it the same album when it comes again: takeout: and its folder. Two albums may have one title.';
CREATE TABLE album_assets (
    album_id  bigint NOT NULL CONSTRAINT fk_album_assets_album_id REFERENCES albums (id) ON DELETE CASCADE,
    asset_id  bigint NOT NULL CONSTRAINT fk_album_assets_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    added_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_album_assets PRIMARY KEY (album_id, asset_id)
);
CREATE INDEX ix_album_assets_asset_id ON album_assets (asset_id);
"""

TAKEOUT = """
CREATE TABLE takeout_metadata (
    inbox     text NOT NULL,
    path      text NOT NULL,
    body      bytea NOT NULL,
    found_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_takeout_metadata PRIMARY KEY (inbox, path)
);
COMMENT ON TABLE takeout_metadata IS 'JSON files of a Takeout whose photo was in none of its parts yet: kept until that part comes.';
"""


def upgrade() -> None:
    """Build them; the new columns have constant defaults, so no row is rewritten."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for part in (ASSETS, SIDECARS, CORRECTIONS, ALBUMS, TAKEOUT):
        op.execute(part)


def downgrade() -> None:
    """Refuse: migrations only go forward."""
    message = "migrations only go forward; restore the dump taken before the upgrade"
    raise RuntimeError(message)
