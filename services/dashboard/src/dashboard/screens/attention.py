"""Needs attention: what is wrong with the installation, what failed, and why what waits waits."""

from datetime import UTC, datetime

import streamlit as st

from dashboard import markup, rows, source, unsure, waits, wording
from dashboard.asset_view import CORRECT
from dashboard.queries import Attention
from dashboard.standing import Tone
from dashboard.verdict import Away, Verdict, verdict_away


@st.fragment(run_every=source.REFRESH_SECONDS)
def draw() -> None:
    """Draw the page and draw it again every few seconds."""
    zone = source.browser_zone()
    found = source.attention()
    if isinstance(found, Away):
        st.html(markup.verdict(verdict_away(found, datetime.now(UTC), zone)))
        return
    st.html(markup.verdict(headline(found)))
    alerts = [rows.alert(alert, found.read_at, zone) for alert in found.alerts]
    if alerts:
        st.html(markup.alerts(alerts))
    causes = [rows.cause(group, examples, found.read_at, zone) for group, examples in found.causes]
    if causes:
        st.html(markup.causes(causes))
    waiting = waits.waiting(found.waiting, found.read_at, zone)
    if waiting:
        st.html(markup.waiting(waiting))
    aside = waits.put_aside(found.waiting, found.read_at, zone)
    if aside:
        st.html(markup.put_aside(aside))
    doubtful = unsure.unsure(found.unsure)
    if doubtful:
        st.html(markup.unsure(doubtful, f'{CORRECT} PATH --date "2019-07-14 15:30"'))


def headline(found: Attention) -> Verdict:
    """The sentence at the top."""
    number = sum(group.count for group, _ in found.causes)
    if found.alerts:
        return _headline_of_alerts(found, number)
    if not number:
        also = " Below are dates that you may want to check." if found.unsure else ""
        return Verdict(
            Tone.GOOD, "Nothing needs you.", f"What fails is listed here, by cause.{also}"
        )
    return Verdict(
        Tone.NOTICE,
        f"{wording.plural(number, 'file')} {'needs' if number == 1 else 'need'} you.",
        "Nothing was lost: each of these files is still there. When the cause is mended, "
        "the command photo-factory retry tries them again.",
    )


def _headline_of_alerts(found: Attention, files: int) -> Verdict:
    is_critical = any(alert.severity == "critical" for alert in found.alerts)
    alerts = wording.plural(len(found.alerts), "alert")
    also = f", and {wording.plural(files, 'file')} that failed" if files else ""
    return Verdict(
        Tone.BAD if is_critical else Tone.NOTICE,
        f"{alerts}{also}.",
        "Photos that wait stay where they are. An alert ends by itself when its cause is mended.",
    )


draw()
