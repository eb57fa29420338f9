"""Writes the names of places that are stored already in the language that is set now."""

import psycopg
from photo_factory.database import Connection, connect

from geocoder.settings import GeocoderSettings

NAME = """
WITH wanted AS (
    SELECT id, coalesce(names ->> %(language)s, names ->> %(plain)s, names ->> 'und') AS name
    FROM places WHERE names ? 'und'
), due AS (
    SELECT p.id, wanted.name FROM places p JOIN wanted ON wanted.id = p.id
    WHERE p.name <> wanted.name ORDER BY p.level, p.source, p.source_id FOR NO KEY UPDATE OF p
)
UPDATE places p SET name = due.name FROM due WHERE p.id = due.id
"""

SURROUNDINGS = """
WITH countries AS (
    SELECT DISTINCT ON (code) code, name FROM places
    WHERE level = 'country' AND names ? 'und' ORDER BY code, source, source_id
), labelled AS (
    SELECT p.id, coalesce(country.name, p.country) AS country,
        CASE WHEN p.level IN ('country', 'region') THEN p.region
            WHEN p.level IN ('suburb', 'spot') AND levels.city IS NOT NULL THEN levels.city
            ELSE coalesce(levels.region, p.region) END AS region
    FROM places p JOIN place_levels levels ON levels.place_id = p.id
    LEFT JOIN countries country ON country.code = p.country_code
), due AS (
    SELECT p.id, labelled.country, labelled.region
    FROM places p JOIN labelled ON labelled.id = p.id
    WHERE (p.country, p.region) IS DISTINCT FROM (labelled.country, labelled.region)
    ORDER BY p.level, p.source, p.source_id FOR NO KEY UPDATE OF p
)
UPDATE places p SET country = due.country, region = due.region FROM due WHERE p.id = due.id
"""
"""Places that a person gave before the name of their country was known get it here."""


def relabel(connection: Connection, language: str) -> int:
    """Rename what has a name in the language, or lost it; returns how many places changed."""
    values = {"language": language, "plain": language.partition("-")[0]}
    with connection.transaction():
        renamed = connection.execute(NAME, values).rowcount
        return renamed + connection.execute(SURROUNDINGS).rowcount


def relabel_at_start(settings: GeocoderSettings) -> None:
    """Relabel, if the database is there; the next start does what this one cannot."""
    try:
        with connect(settings.database_address(), "geocoder") as connection:
            relabel(connection, settings.language)
    except (ValueError, psycopg.Error):
        return  # the service says it, in its own words, and goes on trying
