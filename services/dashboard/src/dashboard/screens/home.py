"""Home: is everything safe, is it working, must I do something."""

from datetime import UTC, datetime

import streamlit as st

from dashboard import markup, rows, source, view_models
from dashboard.queries import Snapshot
from dashboard.verdict import Away, verdict, verdict_away


@st.fragment(run_every=source.REFRESH_SECONDS)
def draw() -> None:
    """Draw the page and draw it again every few seconds."""
    zone = source.browser_zone()
    found = source.snapshot(zone)
    if isinstance(found, Away):
        draw_away(found, zone)
    else:
        draw_snapshot(found, zone)


def draw_away(away: Away, zone: str) -> None:
    """Say since when nothing is known, instead of numbers."""
    st.html(markup.verdict(verdict_away(away, datetime.now(UTC), zone)))
    st.html(markup.tiles(view_models.tiles_away()))


def draw_snapshot(snapshot: Snapshot, zone: str) -> None:
    """Draw everything; what has not changed is left alone by the browser."""
    overview = snapshot.overview
    known = () if overview.database is None else (overview.database,)
    services = rows.service_rows((*overview.services, *known), snapshot.read_at, zone)
    st.html(markup.verdict(verdict(overview)))
    st.html(markup.tiles(view_models.tiles(overview, snapshot.arrived_today)))
    st.html(markup.pipeline(view_models.pipeline(overview)))
    st.html(markup.photos([rows.photo(asset) for asset in snapshot.latest]))
    with st.container(key="pf-below", horizontal=True):
        st.html(markup.services(services))
        st.html(markup.disks(rows.disks(overview.volumes)))


draw()
