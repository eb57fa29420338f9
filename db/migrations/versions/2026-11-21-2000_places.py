"""Places in levels and languages, people's places, privacy zones, what online providers need."""

from alembic import op

revision = "20261121_2000"
down_revision = "20261121_1800"
branch_labels = None
depends_on = None

PLACES = """
ALTER TABLE places
    ALTER COLUMN country DROP NOT NULL,
    ALTER COLUMN country_code DROP NOT NULL,
    ADD COLUMN level text NOT NULL DEFAULT 'city' CONSTRAINT ck_places_level CHECK (level IN ('country', 'region', 'county', 'city', 'suburb', 'spot')),
    ADD COLUMN parent_id bigint CONSTRAINT fk_places_parent_id REFERENCES places (id),
    ADD COLUMN names jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN code text,
    ADD COLUMN timezone text;
UPDATE places SET level = 'country', code = country_code WHERE source = 'country';
COMMENT ON COLUMN places.source IS 'geonames, country, or another provider''s name; user: a person gave it; zone: a privacy zone.';
COMMENT ON COLUMN places.name IS 'In the language of the installation (PF_LANGUAGE) where that is known.';
COMMENT ON COLUMN places.region IS 'What is said between name and country: the city of a suburb, else the region.';
COMMENT ON COLUMN places.country IS 'Null in a privacy zone, which tells nothing but its name.';
COMMENT ON COLUMN places.level IS 'country, region, county, city, suburb; spot: a point that a person has named.';
COMMENT ON COLUMN places.parent_id IS 'The smallest place of a larger level that it lies in.';
COMMENT ON COLUMN places.names IS 'By language (ISO 639); und is the name where a language has none of its own.';
COMMENT ON COLUMN places.code IS 'ISO 3166-1 of a country, ISO 3166-2 of a region.';
COMMENT ON COLUMN places.timezone IS 'IANA name, of places that lie in one.';
CREATE INDEX ix_places_parent_id ON places (parent_id) WHERE parent_id IS NOT NULL;
"""

ASSETS = """
ALTER TABLE media_assets
    ADD COLUMN geocoded_by text,
    ADD COLUMN geocode_version smallint,
    ADD COLUMN place_relation text CONSTRAINT ck_media_assets_place_relation CHECK (place_relation IN ('in', 'near', 'region', 'country', 'sea')),
    ADD COLUMN place_distance_km double precision;
COMMENT ON COLUMN media_assets.geocoded_by IS 'offline or the name of an online provider; zone: it lies in a privacy zone; user: a person gave the place.';
COMMENT ON COLUMN media_assets.geocode_version IS 'Version of the rules and data that decided; null before they were counted.';
COMMENT ON COLUMN media_assets.place_relation IS 'How it lies to its place: in or near it; or region, country: no smaller one is near; or at sea, without a place.';
COMMENT ON COLUMN media_assets.place_distance_km IS 'From the centre of the place; null if that has none.';
CREATE INDEX ix_media_assets_place ON media_assets (place_id, captured_local) WHERE place_id IS NOT NULL;
CREATE INDEX ix_media_assets_position ON media_assets (((location ->> 'latitude')::double precision), ((location ->> 'longitude')::double precision)) WHERE location IS NOT NULL;
DELETE FROM stage_work WHERE stage = 'geocoder' AND state = 'skipped';
"""

CORRECTIONS = """
CREATE TABLE place_corrections (
    id        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_place_corrections PRIMARY KEY,
    asset_id  bigint NOT NULL CONSTRAINT fk_place_corrections_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    place_id  bigint NOT NULL CONSTRAINT fk_place_corrections_place_id REFERENCES places (id),
    author    text NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now(),
    undone_at timestamptz
);
COMMENT ON TABLE place_corrections IS 'Places that a person has given. The newest that is not undone decides, whatever the geocoder finds; coordinates are never changed.';
CREATE INDEX ix_place_corrections_asset ON place_corrections (asset_id, id);
CREATE INDEX ix_place_corrections_place ON place_corrections (place_id);
"""

ZONES = """
CREATE TABLE privacy_zones (
    id        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_privacy_zones PRIMARY KEY,
    name      text NOT NULL CONSTRAINT uq_privacy_zones_name UNIQUE CONSTRAINT ck_privacy_zones_name CHECK (name <> ''),
    latitude  double precision NOT NULL CONSTRAINT ck_privacy_zones_latitude CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision NOT NULL CONSTRAINT ck_privacy_zones_longitude CHECK (longitude BETWEEN -180 AND 180),
    radius_m  double precision NOT NULL CONSTRAINT ck_privacy_zones_radius CHECK (radius_m BETWEEN 1 AND 50000),
    strips_on_export boolean NOT NULL DEFAULT true,
    author    text NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE privacy_zones IS 'Circles whose photos are shown under the zone''s name only, and are never asked about online.';
COMMENT ON COLUMN privacy_zones.strips_on_export IS 'Exported copies get no coordinates.';
CREATE FUNCTION distance_m(latitude_1 double precision, longitude_1 double precision, latitude_2 double precision, longitude_2 double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT 2 * 6371008.8 * asin(sqrt(least(1.0, sind((latitude_2 - latitude_1) / 2) ^ 2 + cosd(latitude_1) * cosd(latitude_2) * sind((longitude_2 - longitude_1) / 2) ^ 2))) $$;
COMMENT ON FUNCTION distance_m IS 'Metres between two points in degrees, along a great circle.';
CREATE VIEW assets_in_zones AS
SELECT a.id AS asset_id, z.id AS zone_id, z.name, z.radius_m, z.strips_on_export
FROM privacy_zones z
JOIN media_assets a ON a.location IS NOT NULL
    AND (a.location ->> 'latitude')::double precision BETWEEN z.latitude - z.radius_m / 110000 AND z.latitude + z.radius_m / 110000
    AND distance_m(z.latitude, z.longitude, (a.location ->> 'latitude')::double precision, (a.location ->> 'longitude')::double precision) <= z.radius_m;
COMMENT ON VIEW assets_in_zones IS 'Which assets lie in which privacy zones. The band of latitudes lets the index narrow it first.';
"""

PROVIDERS = """
CREATE TABLE geocode_cache (
    provider   text NOT NULL,
    language   text NOT NULL,
    cell       text NOT NULL,
    answer     jsonb NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_geocode_cache PRIMARY KEY (provider, language, cell)
);
COMMENT ON TABLE geocode_cache IS 'Answers of online providers, so that no cell is asked about twice.';
COMMENT ON COLUMN geocode_cache.cell IS 'The rounded coordinates that were sent: latitude,longitude.';
CREATE INDEX ix_geocode_cache_expires ON geocode_cache (expires_at);
CREATE TABLE geocode_calls (
    provider      text NOT NULL CONSTRAINT pk_geocode_calls PRIMARY KEY,
    next_at       timestamptz NOT NULL DEFAULT now(),
    budget_day    date NOT NULL DEFAULT current_date,
    calls_today   integer NOT NULL DEFAULT 0,
    failures      integer NOT NULL DEFAULT 0,
    blocked_until timestamptz,
    last_error    text
);
COMMENT ON TABLE geocode_calls IS 'What all geocoders together have asked of a provider, and when they may ask again.';
COMMENT ON COLUMN geocode_calls.next_at IS 'No call begins earlier; taken and moved on in one statement.';
COMMENT ON COLUMN geocode_calls.failures IS 'In a row; enough of them open the circuit until blocked_until.';
CREATE TABLE geocode_requests (
    asset_id   bigint NOT NULL CONSTRAINT pk_geocode_requests PRIMARY KEY CONSTRAINT fk_geocode_requests_asset_id REFERENCES media_assets (id) ON DELETE CASCADE,
    provider   text NOT NULL,
    author     text NOT NULL,
    asked_at   timestamptz NOT NULL DEFAULT now(),
    run_at     timestamptz NOT NULL DEFAULT now(),
    owner      uuid,
    failures   integer NOT NULL DEFAULT 0,
    last_error text
);
COMMENT ON TABLE geocode_requests IS 'Assets that a person has chosen to be asked about online (redo geocoder --provider). A row goes when it is answered.';
COMMENT ON COLUMN geocode_requests.run_at IS 'Schedule and lease expiry in one, as in stage_work.';
CREATE INDEX ix_geocode_requests_due ON geocode_requests (run_at, asset_id);
"""

DAYS = """
CREATE VIEW place_levels AS
WITH RECURSIVE up AS (
    SELECT id AS place_id, parent_id, level, name, 0 AS height FROM places
    UNION ALL
    SELECT up.place_id, p.parent_id, p.level, p.name, up.height + 1
    FROM up JOIN places p ON p.id = up.parent_id WHERE up.height < 8
)
SELECT up.place_id,
    min(up.name) FILTER (WHERE up.level = 'country') AS country,
    min(up.name) FILTER (WHERE up.level = 'region') AS region,
    min(up.name) FILTER (WHERE up.level = 'county') AS county,
    min(up.name) FILTER (WHERE up.level = 'city') AS city,
    min(up.name) FILTER (WHERE up.level = 'suburb') AS suburb,
    min(up.name) FILTER (WHERE up.level = 'spot') AS spot
FROM up JOIN places own ON own.id = up.place_id GROUP BY up.place_id;
COMMENT ON VIEW place_levels IS 'The names of each place and of all that it lies in, by level.';
CREATE VIEW place_days AS
WITH days AS (
    SELECT local.day, a.place_id, count(*) AS assets,
        min(a.captured_local) AS first_local, max(a.captured_local) AS last_local
    FROM media_assets a CROSS JOIN LATERAL (SELECT a.captured_local::date AS day) AS local
    WHERE a.place_id IS NOT NULL
    GROUP BY local.day, a.place_id
)
SELECT d.day, d.place_id, p.name, coalesce(p.country, l.country) AS country, p.country_code,
    coalesce(l.region, p.region) AS region, l.county, l.city, l.suburb, l.spot,
    d.assets, d.first_local, d.last_local
FROM days d JOIN places p ON p.id = d.place_id LEFT JOIN place_levels l ON l.place_id = d.place_id;
COMMENT ON VIEW place_days IS 'What trips are made of: on which local day how many assets were taken at which place.';
"""


def upgrade() -> None:
    """Build them; no row of media_assets is rewritten, but its two new indexes read all of it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for part in (PLACES, ASSETS, CORRECTIONS, ZONES, PROVIDERS, DAYS):
        op.execute(part)


def downgrade() -> None:
    """Refuse: migrations only go forward."""
    message = "migrations only go forward; restore the dump taken before the upgrade"
    raise RuntimeError(message)
