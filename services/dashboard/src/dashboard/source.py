"""Where pages get their data: one query for all open tabs."""

from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.asset_queries import AssetPage, read_asset_page
from dashboard.queries import Attention, Snapshot, read_attention, read_snapshot
from dashboard.reader import DatabaseAway, shared_reader
from dashboard.verdict import Away

REFRESH_SECONDS = 5.0
FRESH_SECONDS = 4.0
"""A little less than the refresh, so that each refresh of a single tab brings news."""


def browser_zone() -> str:
    """The time zone of the person who looks, as far as the browser tells a valid one."""
    try:
        return str(ZoneInfo(st.context.timezone or "UTC"))
    except (ValueError, OSError):
        return "UTC"


@st.cache_data(ttl=FRESH_SECONDS, max_entries=8, show_spinner=False)
def snapshot(zone: str) -> Snapshot | Away:
    """What Home shows, or since when the database is away."""
    try:
        return shared_reader().read(lambda connection: read_snapshot(connection, zone))
    except DatabaseAway as away:
        return _away(away)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=1, show_spinner=False)
def attention() -> Attention | Away:
    """What needs a person, or since when the database is away."""
    try:
        return shared_reader().read(read_attention)
    except DatabaseAway as away:
        return _away(away)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=16, show_spinner=False)
def asset(asset_id: int) -> AssetPage | Away | None:
    """What is known of an asset, None if there is none, or since when the database is away."""
    try:
        return shared_reader().read(lambda connection: read_asset_page(connection, asset_id))
    except DatabaseAway as away:
        return _away(away)


def _away(away: DatabaseAway) -> Away:
    return Away(away.since, is_unprepared=away.is_unprepared)
