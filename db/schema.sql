-- Made by `make schema` from the migrations; a test holds both equal.

CREATE FUNCTION public.distance_m(latitude_1 double precision, longitude_1 double precision, latitude_2 double precision, longitude_2 double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT 2 * 6371008.8 * asin(sqrt(least(1.0, sind((latitude_2 - latitude_1) / 2) ^ 2 + cosd(latitude_1) * cosd(latitude_2) * sind((longitude_2 - longitude_1) / 2) ^ 2))) $$;

COMMENT ON FUNCTION public.distance_m(latitude_1 double precision, longitude_1 double precision, latitude_2 double precision, longitude_2 double precision) IS 'Metres between two points in degrees, along a great circle.';

CREATE TABLE public.album_assets (
    album_id bigint NOT NULL,
    asset_id bigint NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.albums (
    id bigint NOT NULL,
    source text NOT NULL,
    title text NOT NULL,
    description text,
    added_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.albums IS 'Collections that came with the photos.';

COMMENT ON COLUMN public.albums.source IS 'What makes it the same album when it comes again: takeout: and its folder. Two albums may have one title.';

ALTER TABLE public.albums ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.albums_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts (
    id bigint NOT NULL,
    key text NOT NULL,
    service text NOT NULL,
    severity text NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    raised_at timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT ck_alerts_severity CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text])))
);

COMMENT ON TABLE public.alerts IS 'States that a person should know of, from when they began till they ended.';

COMMENT ON COLUMN public.alerts.key IS 'What it is about, such as librarian.root.library; at most one alert per key is open.';

ALTER TABLE public.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.media_assets (
    id bigint NOT NULL,
    sha256 bytea NOT NULL,
    path text NOT NULL,
    original_name text NOT NULL,
    source text NOT NULL,
    media_type text NOT NULL,
    mime_type text NOT NULL,
    size_bytes bigint NOT NULL,
    captured_at timestamp with time zone,
    captured_local timestamp without time zone NOT NULL,
    utc_offset_minutes smallint,
    captured_source text NOT NULL,
    width integer,
    height integer,
    duration_seconds double precision,
    orientation smallint,
    camera_make text,
    camera_model text,
    lens text,
    location jsonb,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    role text DEFAULT 'primary'::text NOT NULL,
    group_id uuid,
    place_id bigint,
    placeholder bytea,
    is_geocoded boolean DEFAULT false NOT NULL,
    is_thumbnailed boolean DEFAULT false NOT NULL,
    is_backed_up boolean DEFAULT false NOT NULL,
    ingested_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    is_described boolean DEFAULT false NOT NULL,
    is_misnamed boolean DEFAULT false NOT NULL,
    has_embedded_video boolean DEFAULT false NOT NULL,
    companion_key text,
    content_identifier text,
    burst_identifier text,
    captured_confidence text DEFAULT 'low'::text NOT NULL,
    offset_source text,
    captured_candidates jsonb DEFAULT '[]'::jsonb NOT NULL,
    capture_rules smallint DEFAULT 0 NOT NULL,
    file_modified_at timestamp with time zone,
    is_astray boolean DEFAULT false NOT NULL,
    exposure_seconds double precision,
    f_number double precision,
    iso integer,
    focal_length_mm double precision,
    focal_length_35mm double precision,
    video_codec text,
    audio_codec text,
    frame_rate double precision,
    dynamic_range text,
    color_profile text,
    rating smallint,
    title text,
    caption text,
    keywords text[] DEFAULT '{}'::text[] NOT NULL,
    people jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_favorite boolean DEFAULT false NOT NULL,
    is_archived boolean DEFAULT false NOT NULL,
    special_types text[] DEFAULT '{}'::text[] NOT NULL,
    geocoded_by text,
    geocode_version smallint,
    place_relation text,
    place_distance_km double precision,
    CONSTRAINT ck_media_assets_captured_confidence CHECK ((captured_confidence = ANY (ARRAY['high'::text, 'medium'::text, 'low'::text, 'none'::text]))),
    CONSTRAINT ck_media_assets_media_type CHECK ((media_type = ANY (ARRAY['photo'::text, 'video'::text]))),
    CONSTRAINT ck_media_assets_place_relation CHECK ((place_relation = ANY (ARRAY['in'::text, 'near'::text, 'region'::text, 'country'::text, 'sea'::text]))),
    CONSTRAINT ck_media_assets_sha256 CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT ck_media_assets_size_bytes CHECK ((size_bytes > 0))
);

COMMENT ON TABLE public.media_assets IS 'One row per original in the library. The flags say what has been done to it.';

COMMENT ON COLUMN public.media_assets.sha256 IS 'SHA-256 of the original''s bytes; its identity.';

COMMENT ON COLUMN public.media_assets.path IS 'Where the original lies, relative to the library.';

COMMENT ON COLUMN public.media_assets.source IS 'Where it came from: the inbox and the path in it.';

COMMENT ON COLUMN public.media_assets.captured_at IS 'The instant of capture; null while the offset from UTC is unknown.';

COMMENT ON COLUMN public.media_assets.captured_local IS 'Wall-clock time where it was taken; decides the folder.';

COMMENT ON COLUMN public.media_assets.utc_offset_minutes IS 'Offset of captured_local from UTC; null means unknown.';

COMMENT ON COLUMN public.media_assets.captured_source IS 'The tag, file name or file time that decided captured_local.';

COMMENT ON COLUMN public.media_assets.location IS '{"latitude", "longitude", "altitude", "source"}, degrees (south and west negative) and metres.';

COMMENT ON COLUMN public.media_assets.metadata IS 'The tags as read, keyed Group:Tag.';

COMMENT ON COLUMN public.media_assets.role IS 'In its group: primary, live_video, raw, edited or burst.';

COMMENT ON COLUMN public.media_assets.group_id IS 'Assets that belong together share it.';

COMMENT ON COLUMN public.media_assets.placeholder IS 'ThumbHash of the picture, shown until its thumbnail has loaded.';

COMMENT ON COLUMN public.media_assets.is_described IS 'All tags are in metadata. Until then only those that decide date, place and pair are.';

COMMENT ON COLUMN public.media_assets.is_misnamed IS 'The name''s extension is not one of the content''s type; the name is kept.';

COMMENT ON COLUMN public.media_assets.has_embedded_video IS 'A motion photo: a video stands behind the picture in the same file.';

COMMENT ON COLUMN public.media_assets.companion_key IS 'Folder and stem under which companions (RAW, Live Photo video, edited version, sidecar) find one another.';

COMMENT ON COLUMN public.media_assets.content_identifier IS 'Apple''s id that a Live Photo''s still and video share.';

COMMENT ON COLUMN public.media_assets.burst_identifier IS 'What the photos of one burst share.';

COMMENT ON COLUMN public.media_assets.captured_confidence IS 'How sure captured_local is. none: only the file''s time was there to go by.';

COMMENT ON COLUMN public.media_assets.offset_source IS 'How utc_offset_minutes is known: tag, gps time, place, paired still, file name, home zone, correction.';

COMMENT ON COLUMN public.media_assets.captured_candidates IS 'All that could have been the time of capture, best first: source, text, and the reason why it lost (empty for the one that won).';

COMMENT ON COLUMN public.media_assets.capture_rules IS 'Version of the rules that decided; 0 means before they were counted.';

COMMENT ON COLUMN public.media_assets.file_modified_at IS 'Modification time of the file that was taken in; null if unknown.';

COMMENT ON COLUMN public.media_assets.is_astray IS 'The original does not lie where its date says; the librarian moves it.';

COMMENT ON COLUMN public.media_assets.dynamic_range IS 'sdr, hdr10, hlg, dolby vision or gain map; null if unknown.';

COMMENT ON COLUMN public.media_assets.rating IS '0 to 5 stars; -1 means rejected.';

COMMENT ON COLUMN public.media_assets.people IS 'People in the picture: name, kind, and where known x, y, width, height (centre and size, 0 to 1 of the upright picture).';

COMMENT ON COLUMN public.media_assets.special_types IS 'Such as panorama, portrait, burst, slow_motion, screenshot; see the glossary.';

COMMENT ON COLUMN public.media_assets.geocoded_by IS 'offline or the name of an online provider; zone: it lies in a privacy zone; user: a person gave the place.';

COMMENT ON COLUMN public.media_assets.geocode_version IS 'Version of the rules and data that decided; null before they were counted.';

COMMENT ON COLUMN public.media_assets.place_relation IS 'How it lies to its place: in or near it; or region, country: no smaller one is near; or at sea, without a place.';

COMMENT ON COLUMN public.media_assets.place_distance_km IS 'From the centre of the place; null if that has none.';

CREATE TABLE public.privacy_zones (
    id bigint NOT NULL,
    name text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    radius_m double precision NOT NULL,
    strips_on_export boolean DEFAULT true NOT NULL,
    author text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_privacy_zones_latitude CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT ck_privacy_zones_longitude CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
    CONSTRAINT ck_privacy_zones_name CHECK ((name <> ''::text)),
    CONSTRAINT ck_privacy_zones_radius CHECK (((radius_m >= (1)::double precision) AND (radius_m <= (50000)::double precision)))
);

COMMENT ON TABLE public.privacy_zones IS 'Circles whose photos are shown under the zone''s name only, and are never asked about online.';

COMMENT ON COLUMN public.privacy_zones.strips_on_export IS 'Exported copies get no coordinates.';

CREATE VIEW public.assets_in_zones AS
 SELECT a.id AS asset_id,
    z.id AS zone_id,
    z.name,
    z.radius_m,
    z.strips_on_export
   FROM (public.privacy_zones z
     JOIN public.media_assets a ON (((a.location IS NOT NULL) AND ((((a.location ->> 'latitude'::text))::double precision >= (z.latitude - (z.radius_m / (110000)::double precision))) AND (((a.location ->> 'latitude'::text))::double precision <= (z.latitude + (z.radius_m / (110000)::double precision)))) AND (public.distance_m(z.latitude, z.longitude, ((a.location ->> 'latitude'::text))::double precision, ((a.location ->> 'longitude'::text))::double precision) <= z.radius_m))));

COMMENT ON VIEW public.assets_in_zones IS 'Which assets lie in which privacy zones. The band of latitudes lets the index narrow it first.';

CREATE TABLE public.corrections (
    id bigint NOT NULL,
    asset_id bigint NOT NULL,
    captured_local timestamp without time zone NOT NULL,
    utc_offset_minutes smallint,
    author text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    undone_at timestamp with time zone,
    is_applied boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_corrections_offset CHECK ((abs(utc_offset_minutes) <= 840))
);

COMMENT ON TABLE public.corrections IS 'Dates that a person has given. The newest that is not undone decides; the original''s bytes are never changed.';

COMMENT ON COLUMN public.corrections.is_applied IS 'The asset''s row says so; false again after it was undone until that shows.';

ALTER TABLE public.corrections ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.corrections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.derivatives (
    asset_id bigint NOT NULL,
    kind text NOT NULL,
    path text NOT NULL,
    mime_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    size_bytes bigint NOT NULL,
    engine text NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_derivatives_kind CHECK ((kind = ANY (ARRAY['thumb'::text, 'preview'::text, 'web'::text])))
);

COMMENT ON TABLE public.derivatives IS 'Pictures made from originals. They can be made again at any time.';

COMMENT ON COLUMN public.derivatives.path IS 'Relative to the derivatives folder.';

COMMENT ON COLUMN public.derivatives.engine IS 'The decoder, or the rung of the fallback ladder, that made it.';

CREATE TABLE public.duplicates (
    id bigint NOT NULL,
    asset_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    inbox text NOT NULL,
    path text NOT NULL,
    original_name text NOT NULL,
    size_bytes bigint NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    companion_key text
);

COMMENT ON TABLE public.duplicates IS 'Every duplicate that was removed from the inbox after the library''s copy had been proven intact.';

COMMENT ON COLUMN public.duplicates.companion_key IS 'As in media_assets: what came with the duplicate finds the asset by it.';

ALTER TABLE public.duplicates ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.duplicates_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.geocode_cache (
    provider text NOT NULL,
    language text NOT NULL,
    cell text NOT NULL,
    answer jsonb NOT NULL,
    fetched_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.geocode_cache IS 'Answers of online providers, so that no cell is asked about twice.';

COMMENT ON COLUMN public.geocode_cache.cell IS 'The rounded coordinates that were sent: latitude,longitude.';

CREATE TABLE public.geocode_calls (
    provider text NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    budget_day date DEFAULT CURRENT_DATE NOT NULL,
    calls_today integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    blocked_until timestamp with time zone,
    last_error text
);

COMMENT ON TABLE public.geocode_calls IS 'What all geocoders together have asked of a provider, and when they may ask again.';

COMMENT ON COLUMN public.geocode_calls.next_at IS 'No call begins earlier; taken and moved on in one statement.';

COMMENT ON COLUMN public.geocode_calls.failures IS 'In a row; enough of them open the circuit until blocked_until.';

CREATE TABLE public.geocode_requests (
    asset_id bigint NOT NULL,
    provider text NOT NULL,
    author text NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    owner uuid,
    failures integer DEFAULT 0 NOT NULL,
    last_error text
);

COMMENT ON TABLE public.geocode_requests IS 'Assets that a person has chosen to be asked about online (redo geocoder --provider). A row goes when it is answered.';

COMMENT ON COLUMN public.geocode_requests.run_at IS 'Schedule and lease expiry in one, as in stage_work.';

CREATE TABLE public.inbox_files (
    id bigint NOT NULL,
    inbox text NOT NULL,
    path_bytes bytea NOT NULL,
    path text NOT NULL,
    device bigint NOT NULL,
    inode bigint NOT NULL,
    size_bytes bigint NOT NULL,
    modified_ns bigint NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    first_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    owner uuid,
    attempts integer DEFAULT 0 NOT NULL,
    asset_id bigint,
    intended_path text,
    error_code text,
    error_message text,
    companion_key text,
    CONSTRAINT ck_inbox_files_state CHECK ((state = ANY (ARRAY['waiting'::text, 'ingesting'::text, 'releasing'::text, 'failed'::text, 'quarantined'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

COMMENT ON TABLE public.inbox_files IS 'What the librarian sees in the inbox. A row goes when its file has been taken in or has gone.';

COMMENT ON COLUMN public.inbox_files.path_bytes IS 'Path below the inbox exactly as the file system has it; it need not be UTF-8.';

COMMENT ON COLUMN public.inbox_files.path IS 'The same path for people, undecodable bytes and control characters escaped.';

COMMENT ON COLUMN public.inbox_files.device IS 'Device and inode are kept as signed 64-bit patterns.';

COMMENT ON COLUMN public.inbox_files.state IS 'waiting: until next_try_at. ingesting: in hand, next_try_at is the lease. releasing: stored and recorded, to be removed from the inbox. failed: needs a person. quarantined: moved to the quarantine, asks for nothing.';

COMMENT ON COLUMN public.inbox_files.changed_at IS 'When size or modification time last differed from the time before.';

COMMENT ON COLUMN public.inbox_files.intended_path IS 'Name in the library, written before the file is put there: what a crash may have left without a row.';

COMMENT ON COLUMN public.inbox_files.companion_key IS 'Of a sidecar that waits for its photo: woken when an asset with this key is stored.';

CREATE VIEW public.inbox_explained AS
 SELECT f.id,
    f.inbox,
    f.path,
    f.size_bytes,
    f.state,
    f.first_seen_at,
    f.changed_at,
    f.error_code,
        CASE
            WHEN (f.state = ANY (ARRAY['waiting'::text, 'ingesting'::text])) THEN f.next_try_at
            ELSE NULL::timestamp with time zone
        END AS next_try_at,
        CASE
            WHEN (f.state = ANY (ARRAY['failed'::text, 'quarantined'::text])) THEN COALESCE(f.error_code, 'unknown'::text)
            WHEN (f.error_code IS NOT NULL) THEN f.error_code
            WHEN clock.is_due THEN 'in_line'::text
            WHEN (f.state <> 'waiting'::text) THEN 'in_hand'::text
            WHEN (f.companion_key IS NOT NULL) THEN 'sidecar_alone'::text
            WHEN (f.error_message IS NOT NULL) THEN 'not_ready'::text
            ELSE 'settling'::text
        END AS cause,
        CASE
            WHEN (f.error_message IS NOT NULL) THEN f.error_message
            WHEN (f.state = 'releasing'::text) THEN 'is stored; is being removed from the inbox'::text
            WHEN clock.is_due THEN 'waits for its turn'::text
            WHEN (f.state = 'ingesting'::text) THEN 'is being taken in now'::text
            ELSE 'waits until it has not changed for a while'::text
        END AS reason
   FROM (public.inbox_files f
     CROSS JOIN LATERAL ( SELECT (f.next_try_at <= now()) AS is_due) clock);

COMMENT ON VIEW public.inbox_explained IS 'Every file that the librarian sees and has not finished with: why it is still there, since when, and when it is looked at next.';

COMMENT ON COLUMN public.inbox_explained.cause IS 'The reason as a word: an error code, or in_line, in_hand (being taken in), sidecar_alone (without its photo), not_ready (unfinished, unreadable), settling (changed just now).';

ALTER TABLE public.inbox_files ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbox_files_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.media_assets ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.media_assets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.place_corrections (
    id bigint NOT NULL,
    asset_id bigint NOT NULL,
    place_id bigint NOT NULL,
    author text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    undone_at timestamp with time zone
);

COMMENT ON TABLE public.place_corrections IS 'Places that a person has given. The newest that is not undone decides, whatever the geocoder finds; coordinates are never changed.';

ALTER TABLE public.place_corrections ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.place_corrections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.places (
    id bigint NOT NULL,
    source text NOT NULL,
    source_id text NOT NULL,
    name text NOT NULL,
    region text,
    country text,
    country_code text,
    latitude double precision,
    longitude double precision,
    data_version text NOT NULL,
    level text DEFAULT 'city'::text NOT NULL,
    parent_id bigint,
    names jsonb DEFAULT '{}'::jsonb NOT NULL,
    code text,
    timezone text,
    CONSTRAINT ck_places_country_code CHECK ((country_code ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT ck_places_level CHECK ((level = ANY (ARRAY['country'::text, 'region'::text, 'county'::text, 'city'::text, 'suburb'::text, 'spot'::text])))
);

COMMENT ON TABLE public.places IS 'Named places that assets point at; written by the geocoder.';

COMMENT ON COLUMN public.places.source IS 'geonames, country, or another provider''s name; user: a person gave it; zone: a privacy zone.';

COMMENT ON COLUMN public.places.source_id IS 'The id of the place in its source, such as a GeoNames id.';

COMMENT ON COLUMN public.places.name IS 'In the language of the installation (PF_LANGUAGE) where that is known.';

COMMENT ON COLUMN public.places.region IS 'What is said between name and country: the city of a suburb, else the region.';

COMMENT ON COLUMN public.places.country IS 'Null in a privacy zone, which tells nothing but its name.';

COMMENT ON COLUMN public.places.latitude IS 'Null where the place is a whole country.';

COMMENT ON COLUMN public.places.level IS 'country, region, county, city, suburb; spot: a point that a person has named.';

COMMENT ON COLUMN public.places.parent_id IS 'The smallest place of a larger level that it lies in.';

COMMENT ON COLUMN public.places.names IS 'By language (ISO 639); und is the name where a language has none of its own.';

COMMENT ON COLUMN public.places.code IS 'ISO 3166-1 of a country, ISO 3166-2 of a region.';

COMMENT ON COLUMN public.places.timezone IS 'IANA name, of places that lie in one.';

CREATE VIEW public.place_levels AS
 WITH RECURSIVE up AS (
         SELECT places.id AS place_id,
            places.parent_id,
            places.level,
            places.name,
            0 AS height
           FROM public.places
        UNION ALL
         SELECT up_1.place_id,
            p.parent_id,
            p.level,
            p.name,
            (up_1.height + 1)
           FROM (up up_1
             JOIN public.places p ON ((p.id = up_1.parent_id)))
          WHERE (up_1.height < 8)
        )
 SELECT up.place_id,
    min(up.name) FILTER (WHERE (up.level = 'country'::text)) AS country,
    min(up.name) FILTER (WHERE (up.level = 'region'::text)) AS region,
    min(up.name) FILTER (WHERE (up.level = 'county'::text)) AS county,
    min(up.name) FILTER (WHERE (up.level = 'city'::text)) AS city,
    min(up.name) FILTER (WHERE (up.level = 'suburb'::text)) AS suburb,
    min(up.name) FILTER (WHERE (up.level = 'spot'::text)) AS spot
   FROM (up
     JOIN public.places own ON ((own.id = up.place_id)))
  GROUP BY up.place_id;

COMMENT ON VIEW public.place_levels IS 'The names of each place and of all that it lies in, by level.';

CREATE VIEW public.place_days AS
 WITH days AS (
         SELECT local.day,
            a.place_id,
            count(*) AS assets,
            min(a.captured_local) AS first_local,
            max(a.captured_local) AS last_local
           FROM (public.media_assets a
             CROSS JOIN LATERAL ( SELECT (a.captured_local)::date AS day) local)
          WHERE (a.place_id IS NOT NULL)
          GROUP BY local.day, a.place_id
        )
 SELECT d.day,
    d.place_id,
    p.name,
    COALESCE(p.country, l.country) AS country,
    p.country_code,
    COALESCE(l.region, p.region) AS region,
    l.county,
    l.city,
    l.suburb,
    l.spot,
    d.assets,
    d.first_local,
    d.last_local
   FROM ((days d
     JOIN public.places p ON ((p.id = d.place_id)))
     LEFT JOIN public.place_levels l ON ((l.place_id = d.place_id)));

COMMENT ON VIEW public.place_days IS 'What trips are made of: on which local day how many assets were taken at which place.';

ALTER TABLE public.places ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.places_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.privacy_zones ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.privacy_zones_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.relocations (
    path text NOT NULL,
    new_path text NOT NULL,
    sha256 bytea NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.relocations IS 'Moves within the library that have begun: an intention is written before the first link, and deleted after the last unlink.';

CREATE TABLE public.seen (
    inbox text NOT NULL,
    path_bytes bytea NOT NULL,
    device bigint NOT NULL,
    inode bigint NOT NULL,
    size_bytes bigint NOT NULL,
    modified_ns bigint NOT NULL,
    asset_id bigint NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.seen IS 'Files that were taken in and left where they are (mode keep, import --copy), so that they are not read again.';

CREATE TABLE public.settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.settings IS 'What the installation remembers: the identity of its folders (root.<name>), switches such as pauses.';

CREATE TABLE public.sidecars (
    id bigint NOT NULL,
    asset_id bigint NOT NULL,
    kind text NOT NULL,
    path text NOT NULL,
    sha256 bytea NOT NULL,
    original_name text NOT NULL,
    source text NOT NULL,
    size_bytes bigint NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    tags jsonb,
    fault text,
    CONSTRAINT ck_sidecars_kind CHECK ((kind = ANY (ARRAY['xmp'::text, 'aae'::text, 'thm'::text, 'srt'::text, 'takeout'::text]))),
    CONSTRAINT ck_sidecars_sha256 CHECK ((octet_length(sha256) = 32))
);

COMMENT ON TABLE public.sidecars IS 'Files that belong to an asset and are no photo or video: edits, captions, tracks.';

COMMENT ON COLUMN public.sidecars.path IS 'Where it lies, relative to the library: beside its asset.';

COMMENT ON COLUMN public.sidecars.tags IS 'What it says, under the names of ExifTool, or Takeout:…; null if it has not been read, or says nothing of the photo.';

COMMENT ON COLUMN public.sidecars.fault IS 'Why it cannot be read, in a sentence.';

ALTER TABLE public.sidecars ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sidecars_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW public.stage_candidates AS
 SELECT 'geocoder'::text AS stage,
    media_assets.id AS asset_id
   FROM public.media_assets
  WHERE ((NOT media_assets.is_geocoded) AND (media_assets.location IS NOT NULL))
UNION ALL
 SELECT 'thumbnailer'::text AS stage,
    media_assets.id AS asset_id
   FROM public.media_assets
  WHERE (NOT media_assets.is_thumbnailed);

COMMENT ON VIEW public.stage_candidates IS 'What the flags say is still to be done: the one place that says which assets a stage applies to. stage_work is fed from it.';

CREATE TABLE public.stage_metrics (
    stage text NOT NULL,
    minute timestamp with time zone NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    busy_seconds double precision DEFAULT 0 NOT NULL
);

COMMENT ON TABLE public.stage_metrics IS 'Throughput and failures per stage and minute. The librarian counts here too, as stage librarian.';

COMMENT ON COLUMN public.stage_metrics.bytes IS 'Bytes of the originals that were worked on.';

COMMENT ON COLUMN public.stage_metrics.busy_seconds IS 'Sum of the time that items were in work; may exceed 60 with several at once.';

CREATE TABLE public.stage_work (
    stage text NOT NULL,
    asset_id bigint NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    owner uuid,
    token bigint,
    attempts integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    error_code text,
    error_message text,
    traceback text,
    enqueued_at timestamp with time zone DEFAULT now() NOT NULL,
    failed_at timestamp with time zone,
    CONSTRAINT ck_stage_work_state CHECK ((state = ANY (ARRAY['ready'::text, 'leased'::text, 'dead'::text, 'skipped'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='1000', autovacuum_vacuum_cost_delay='0');

COMMENT ON TABLE public.stage_work IS 'What each stage still has to do, one row per asset and stage. A row is deleted when its work is done.';

COMMENT ON COLUMN public.stage_work.state IS 'ready: waits for run_at. leased: in hand until run_at. dead: needs a person. skipped: does not apply, the reason is in error_message.';

COMMENT ON COLUMN public.stage_work.run_at IS 'Schedule and lease expiry in one: the row may be claimed from this instant on.';

COMMENT ON COLUMN public.stage_work.priority IS 'Higher is claimed sooner.';

COMMENT ON COLUMN public.stage_work.owner IS 'The worker process that holds the lease; a fresh UUID per process start.';

COMMENT ON COLUMN public.stage_work.token IS 'Fencing token: a renewal or finish that does not carry the current one is refused.';

COMMENT ON COLUMN public.stage_work.attempts IS 'Raised in the claim, so that code that dies is counted.';

COMMENT ON COLUMN public.stage_work.failures IS 'Attempts that ended in an error. Only these use up retries; a pulled plug does not.';

CREATE SEQUENCE public.stage_work_token
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.system_status (
    service text NOT NULL,
    instance text NOT NULL,
    kind text DEFAULT 'service'::text NOT NULL,
    status text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    version text NOT NULL,
    interval_seconds double precision NOT NULL,
    started_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    last_work_at timestamp with time zone,
    items_in_hand integer DEFAULT 0 NOT NULL,
    memory_bytes bigint,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT ck_system_status_kind CHECK ((kind = ANY (ARRAY['service'::text, 'database'::text, 'volume'::text])))
);

COMMENT ON TABLE public.system_status IS 'The latest heartbeat of every service instance, and what service-monitor saw of PostgreSQL and the disks.';

COMMENT ON COLUMN public.system_status.status IS 'healthy, degraded, paused, not_configured or stopped, as the service said of itself at last_seen_at. Whether it is stale follows from last_seen_at and interval_seconds.';

CREATE TABLE public.system_status_history (
    id bigint NOT NULL,
    service text NOT NULL,
    instance text NOT NULL,
    status text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    items_in_hand integer DEFAULT 0 NOT NULL,
    memory_bytes bigint,
    details jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE public.system_status_history IS 'The series of heartbeats, kept for the number of days that service-monitor is set to.';

ALTER TABLE public.system_status_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.system_status_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.takeout_metadata (
    inbox text NOT NULL,
    path text NOT NULL,
    body bytea NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.takeout_metadata IS 'JSON files of a Takeout whose photo was in none of its parts yet: kept until that part comes.';

ALTER TABLE ONLY public.album_assets
    ADD CONSTRAINT pk_album_assets PRIMARY KEY (album_id, asset_id);

ALTER TABLE ONLY public.albums
    ADD CONSTRAINT pk_albums PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (id);

ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT pk_corrections PRIMARY KEY (id);

ALTER TABLE ONLY public.derivatives
    ADD CONSTRAINT pk_derivatives PRIMARY KEY (asset_id, kind);

ALTER TABLE ONLY public.duplicates
    ADD CONSTRAINT pk_duplicates PRIMARY KEY (id);

ALTER TABLE ONLY public.geocode_cache
    ADD CONSTRAINT pk_geocode_cache PRIMARY KEY (provider, language, cell);

ALTER TABLE ONLY public.geocode_calls
    ADD CONSTRAINT pk_geocode_calls PRIMARY KEY (provider);

ALTER TABLE ONLY public.geocode_requests
    ADD CONSTRAINT pk_geocode_requests PRIMARY KEY (asset_id);

ALTER TABLE ONLY public.inbox_files
    ADD CONSTRAINT pk_inbox_files PRIMARY KEY (id);

ALTER TABLE ONLY public.media_assets
    ADD CONSTRAINT pk_media_assets PRIMARY KEY (id);

ALTER TABLE ONLY public.place_corrections
    ADD CONSTRAINT pk_place_corrections PRIMARY KEY (id);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT pk_places PRIMARY KEY (id);

ALTER TABLE ONLY public.privacy_zones
    ADD CONSTRAINT pk_privacy_zones PRIMARY KEY (id);

ALTER TABLE ONLY public.relocations
    ADD CONSTRAINT pk_relocations PRIMARY KEY (path);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT pk_settings PRIMARY KEY (key);

ALTER TABLE ONLY public.sidecars
    ADD CONSTRAINT pk_sidecars PRIMARY KEY (id);

ALTER TABLE ONLY public.stage_metrics
    ADD CONSTRAINT pk_stage_metrics PRIMARY KEY (stage, minute);

ALTER TABLE ONLY public.stage_work
    ADD CONSTRAINT pk_stage_work PRIMARY KEY (stage, asset_id);

ALTER TABLE ONLY public.system_status
    ADD CONSTRAINT pk_system_status PRIMARY KEY (service, instance);

ALTER TABLE ONLY public.system_status_history
    ADD CONSTRAINT pk_system_status_history PRIMARY KEY (id);

ALTER TABLE ONLY public.takeout_metadata
    ADD CONSTRAINT pk_takeout_metadata PRIMARY KEY (inbox, path);

ALTER TABLE ONLY public.albums
    ADD CONSTRAINT uq_albums_source UNIQUE (source);

ALTER TABLE ONLY public.derivatives
    ADD CONSTRAINT uq_derivatives_path UNIQUE (path);

ALTER TABLE ONLY public.media_assets
    ADD CONSTRAINT uq_media_assets_path UNIQUE (path);

ALTER TABLE ONLY public.media_assets
    ADD CONSTRAINT uq_media_assets_sha256 UNIQUE (sha256);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT uq_places_source UNIQUE (source, source_id);

ALTER TABLE ONLY public.privacy_zones
    ADD CONSTRAINT uq_privacy_zones_name UNIQUE (name);

ALTER TABLE ONLY public.sidecars
    ADD CONSTRAINT uq_sidecars_content UNIQUE (asset_id, sha256);

ALTER TABLE ONLY public.sidecars
    ADD CONSTRAINT uq_sidecars_path UNIQUE (path);

CREATE INDEX ix_album_assets_asset_id ON public.album_assets USING btree (asset_id);

CREATE INDEX ix_alerts_raised ON public.alerts USING btree (raised_at DESC);

CREATE INDEX ix_corrections_asset ON public.corrections USING btree (asset_id, id);

CREATE INDEX ix_corrections_open ON public.corrections USING btree (id) WHERE (NOT is_applied);

CREATE INDEX ix_duplicates_asset_id ON public.duplicates USING btree (asset_id);

CREATE INDEX ix_duplicates_companion_key ON public.duplicates USING btree (companion_key, id) WHERE (companion_key IS NOT NULL);

CREATE INDEX ix_geocode_cache_expires ON public.geocode_cache USING btree (expires_at);

CREATE INDEX ix_geocode_requests_due ON public.geocode_requests USING btree (run_at, asset_id);

CREATE INDEX ix_inbox_files_companion_key ON public.inbox_files USING btree (companion_key) WHERE (companion_key IS NOT NULL);

CREATE INDEX ix_inbox_files_due ON public.inbox_files USING btree (((size_bytes > 67108864)), next_try_at, id) WHERE (state = ANY (ARRAY['waiting'::text, 'ingesting'::text, 'releasing'::text]));

CREATE INDEX ix_inbox_files_failed ON public.inbox_files USING btree (error_code) WHERE (state = ANY (ARRAY['failed'::text, 'quarantined'::text]));

CREATE INDEX ix_media_assets_astray ON public.media_assets USING btree (id) WHERE is_astray;

CREATE INDEX ix_media_assets_backup ON public.media_assets USING btree (id) WHERE (NOT is_backed_up);

CREATE INDEX ix_media_assets_burst_identifier ON public.media_assets USING btree (burst_identifier) WHERE (burst_identifier IS NOT NULL);

CREATE INDEX ix_media_assets_captured ON public.media_assets USING btree (captured_local DESC, id DESC);

CREATE INDEX ix_media_assets_companion_key ON public.media_assets USING btree (companion_key, id);

CREATE INDEX ix_media_assets_content_identifier ON public.media_assets USING btree (content_identifier) WHERE (content_identifier IS NOT NULL);

CREATE INDEX ix_media_assets_counts ON public.media_assets USING btree (media_type, is_geocoded, is_thumbnailed, is_backed_up) INCLUDE (size_bytes);

CREATE INDEX ix_media_assets_geocoder ON public.media_assets USING btree (id) WHERE ((NOT is_geocoded) AND (location IS NOT NULL));

CREATE INDEX ix_media_assets_group_id ON public.media_assets USING btree (group_id) WHERE (group_id IS NOT NULL);

CREATE INDEX ix_media_assets_ingested ON public.media_assets USING btree (ingested_at DESC, id DESC);

CREATE INDEX ix_media_assets_place ON public.media_assets USING btree (place_id, captured_local) WHERE (place_id IS NOT NULL);

CREATE INDEX ix_media_assets_position ON public.media_assets USING btree ((((location ->> 'latitude'::text))::double precision), (((location ->> 'longitude'::text))::double precision)) WHERE (location IS NOT NULL);

CREATE INDEX ix_media_assets_thumbnailer ON public.media_assets USING btree (id) WHERE (NOT is_thumbnailed);

CREATE INDEX ix_media_assets_undescribed ON public.media_assets USING btree (id) WHERE (NOT is_described);

CREATE INDEX ix_media_assets_unsure ON public.media_assets USING btree (captured_confidence, id) WHERE (captured_confidence = ANY (ARRAY['low'::text, 'none'::text]));

CREATE INDEX ix_place_corrections_asset ON public.place_corrections USING btree (asset_id, id);

CREATE INDEX ix_place_corrections_place ON public.place_corrections USING btree (place_id);

CREATE INDEX ix_places_parent_id ON public.places USING btree (parent_id) WHERE (parent_id IS NOT NULL);

CREATE INDEX ix_seen_asset_id ON public.seen USING btree (asset_id);

CREATE INDEX ix_sidecars_asset_id ON public.sidecars USING btree (asset_id);

CREATE INDEX ix_sidecars_unread ON public.sidecars USING btree (id) WHERE ((kind = 'xmp'::text) AND (tags IS NULL) AND (fault IS NULL));

CREATE INDEX ix_stage_work_dead ON public.stage_work USING btree (stage, error_code) WHERE (state = 'dead'::text);

CREATE INDEX ix_stage_work_due ON public.stage_work USING btree (stage, priority DESC, run_at, asset_id) WHERE (state = ANY (ARRAY['ready'::text, 'leased'::text]));

CREATE INDEX ix_system_status_history_recorded ON public.system_status_history USING btree (recorded_at);

CREATE INDEX ix_system_status_history_service ON public.system_status_history USING btree (service, instance, recorded_at DESC);

CREATE UNIQUE INDEX uq_alerts_open ON public.alerts USING btree (key) WHERE (resolved_at IS NULL);

CREATE UNIQUE INDEX uq_inbox_files_path ON public.inbox_files USING btree (inbox, sha256(path_bytes));

CREATE UNIQUE INDEX uq_seen_path ON public.seen USING btree (inbox, sha256(path_bytes));

ALTER TABLE ONLY public.album_assets
    ADD CONSTRAINT fk_album_assets_album_id FOREIGN KEY (album_id) REFERENCES public.albums(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.album_assets
    ADD CONSTRAINT fk_album_assets_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT fk_corrections_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.derivatives
    ADD CONSTRAINT fk_derivatives_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.duplicates
    ADD CONSTRAINT fk_duplicates_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.geocode_requests
    ADD CONSTRAINT fk_geocode_requests_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.inbox_files
    ADD CONSTRAINT fk_inbox_files_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.media_assets
    ADD CONSTRAINT fk_media_assets_place_id FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.place_corrections
    ADD CONSTRAINT fk_place_corrections_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.place_corrections
    ADD CONSTRAINT fk_place_corrections_place_id FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT fk_places_parent_id FOREIGN KEY (parent_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.seen
    ADD CONSTRAINT fk_seen_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sidecars
    ADD CONSTRAINT fk_sidecars_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stage_work
    ADD CONSTRAINT fk_stage_work_asset_id FOREIGN KEY (asset_id) REFERENCES public.media_assets(id) ON DELETE CASCADE;
