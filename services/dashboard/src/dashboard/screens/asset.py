"""The page of one asset: what it is, and how its date was decided."""

from datetime import UTC, datetime

import streamlit as st

from dashboard import asset_markup, markup, source
from dashboard.asset_view import AssetView, asset_view
from dashboard.standing import Tone
from dashboard.thumbnails import LARGEST_ID
from dashboard.verdict import Away, Verdict, verdict_away

ABSENT = Verdict(
    Tone.UNKNOWN,
    "There is no such photo.",
    "The address names none that is in the library. Photos are opened from Home.",
)


def asked_id() -> int | None:
    """The id in the page's address, if it can be one."""
    text = st.query_params.get("id", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    return int(text) if is_number and int(text) <= LARGEST_ID else None


@st.fragment(run_every=source.REFRESH_SECONDS)
def draw() -> None:
    """Draw the page and draw it again every few seconds."""
    zone, asset_id = source.browser_zone(), asked_id()
    found = source.asset(asset_id) if asset_id is not None else None
    if found is None:
        st.html(markup.verdict(ABSENT))
    elif isinstance(found, Away):
        st.html(markup.verdict(verdict_away(found, datetime.now(UTC), zone)))
    else:
        draw_asset(asset_view(found, zone))


def draw_asset(view: AssetView) -> None:
    """Draw everything that is known of it."""
    st.html(asset_markup.top(view))
    st.html(asset_markup.candidates(view.candidates, view.no_reasons))
    st.html(asset_markup.cards(view))
    if view.sidecars:
        st.html(asset_markup.items("sidecars", "Sidecars", view.sidecars))
    if view.corrections:
        st.html(asset_markup.items("corrections", "Corrections", view.corrections))


draw()
