"""Turns what was decided into HTML. Pure. Every value from outside is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from dashboard.parts import badge, photo_strip, section, state
from dashboard.rows import AlertRow, Cause, Disk, Photo, ServiceRow
from dashboard.standing import Tone
from dashboard.unsure import Unsure
from dashboard.verdict import Verdict
from dashboard.view_models import Card, Figure, Tile
from dashboard.waits import Wait, WaitRow


def verdict(said: Verdict) -> str:
    """The sentence at the top."""
    link = (
        f' <a href="{escape(said.link)}" target="_self">See what happened</a>' if said.link else ""
    )
    return (
        f'<section class="pf-verdict pf-{said.tone.style}" aria-label="Summary">{badge(said.tone)}'
        f'<div><h1 class="pf-headline">{escape(said.headline)}</h1>'
        f'<p class="pf-detail">{escape(said.detail)}{link}</p></div></section>'
    )


def tiles(shown: Iterable[Tile]) -> str:
    """The four numbers."""
    items = "".join(
        f'<li class="pf-tile pf-{tile.tone.style}"><span class="pf-label">{badge(tile.tone)}'
        f'{escape(tile.label)}</span><strong class="pf-value">{escape(tile.value)}</strong>'
        f'<span class="pf-sub">{escape(tile.detail)}</span></li>'
        for tile in shown
    )
    return f'<ul class="pf-tiles" aria-label="The library in numbers">{items}</ul>'


def pipeline(cards: Iterable[Card]) -> str:
    """The stations of the line."""
    items = "".join(
        f'<li class="pf-card"><h3 class="pf-name">{escape(card.name)}</h3>'
        f"{state(card.tone, card.state)}{_figures(card.figures)}"
        f'<p class="pf-sub">{escape(card.note)}</p></li>'
        for card in cards
    )
    return section("line", "The line", f'<ol class="pf-line">{items}</ol>')


def _figures(figures: Sequence[Figure]) -> str:
    items = "".join(
        f'<div class="pf-{figure.tone.style}"><dt>{escape(figure.label)}</dt>'
        f"<dd>{escape(figure.value)}</dd></div>"
        for figure in figures
    )
    return f'<dl class="pf-figures">{items}</dl>'


def photos(shown: Sequence[Photo]) -> str:
    """The latest photos."""
    if not shown:
        body = (
            '<p class="pf-empty">Nothing here yet. Put photos or videos into the inbox folder, '
            "and they appear here.</p>"
        )
    else:
        body = photo_strip(shown)
    return section("latest", "Latest arrivals", body)


def services(rows: Iterable[ServiceRow]) -> str:
    """The services with the age of their heartbeats."""
    items = "".join(
        f'<li class="pf-row"><span class="pf-name">{escape(row.name)}</span>'
        f"{state(row.tone, row.state)}"
        f'<span class="pf-sub" title="{escape(_seen(row), quote=True)}">'
        f"{escape(_heard(row))}</span>"
        f'<span class="pf-sub pf-memory">{escape(row.memory)}</span>'
        f'<span class="pf-sub pf-message">{escape(row.message)}</span></li>'
        for row in rows
    )
    return section("services", "Services", f'<ul class="pf-rows">{items}</ul>')


def _heard(row: ServiceRow) -> str:
    return f"heartbeat {row.age}" if row.seen else "no heartbeat yet"


def _seen(row: ServiceRow) -> str:
    return f"{row.instance}: last heartbeat {row.seen}" if row.seen else "no heartbeat yet"


def disks(shown: Sequence[Disk]) -> str:
    """The disks."""
    if not shown:
        body = '<p class="pf-empty">Unknown: service-monitor has not looked yet.</p>'
    else:
        body = f'<ul class="pf-rows">{"".join(_disk(disk) for disk in shown)}</ul>'
    return section("disks", "Disk space", body)


def _disk(disk: Disk) -> str:
    bar = ""
    if disk.used is not None:
        bar = (
            f'<div class="pf-bar pf-{disk.tone.style}" role="img" '
            f'aria-label="{disk.used} % in use"><div style="width:{disk.used}%"></div></div>'
        )
    return (
        f'<li class="pf-disk"><span class="pf-name">{escape(disk.folders)}</span>'
        f"{state(disk.tone, disk.state)}{bar}"
        f'<span class="pf-sub">{escape(disk.words)}</span>'
        f'<span class="pf-sub pf-message">{escape(disk.message)}</span></li>'
    )


def alerts(shown: Iterable[AlertRow]) -> str:
    """States of the installation, before what failed because of them."""
    return f'<ul class="pf-causes" aria-label="Alerts">{"".join(_alert(row) for row in shown)}</ul>'


def _alert(row: AlertRow) -> str:
    return (
        f'<li class="pf-cause"><div class="pf-cause-head">{state(row.tone, row.state)}'
        f'<span class="pf-number">{escape(row.service)}</span>'
        f'<span class="pf-sub" title="{escape(row.since_exact, quote=True)}">'
        f"for {escape(row.since)}</span></div>"
        f'<p class="pf-cause-message">{escape(row.message)}</p>'
        f'<p class="pf-remedy"><strong>What to do:</strong> {escape(row.remedy)}</p>'
        f'<p class="pf-sub">Cause: <code>{escape(row.code)}</code></p></li>'
    )


def causes(shown: Sequence[Cause]) -> str:
    """What needs a person, by cause."""
    return f'<ul class="pf-causes">{"".join(_cause(cause) for cause in shown)}</ul>'


def _cause(cause: Cause) -> str:
    examples = "".join(f"<li>{escape(path)}</li>" for path in cause.examples)
    more = f'<li class="pf-more">and {cause.more} more</li>' if cause.more else ""
    noun = "file" if cause.number == 1 else "files"
    return (
        f'<li class="pf-cause"><div class="pf-cause-head">{state(Tone.NOTICE, cause.scope)}'
        f'<span class="pf-number">{cause.number} {noun}</span>'
        f'<span class="pf-sub" title="{escape(cause.since_exact, quote=True)}">'
        f"for {escape(cause.since)}</span></div>"
        f'<p class="pf-cause-message">{escape(cause.message)}</p>'
        f'<ul class="pf-examples">{examples}{more}</ul>'
        f'<p class="pf-sub">Cause: <code>{escape(cause.code)}</code></p></li>'
    )


def waiting(shown: Iterable[Wait]) -> str:
    """What waits in the inboxes for longer than usual."""
    return section("waiting", "Waiting in the inbox", _waits(shown))


def put_aside(shown: Iterable[Wait]) -> str:
    """What was moved out of the inbox."""
    return section("aside", "In the quarantine", _waits(shown))


def _waits(shown: Iterable[Wait]) -> str:
    return f'<ul class="pf-causes">{"".join(_wait(wait) for wait in shown)}</ul>'


def _wait(wait: Wait) -> str:
    more = f'<li class="pf-more">and {wait.more} more</li>' if wait.more else ""
    rows = "".join(_wait_row(row) for row in wait.rows)
    names = f'<ul class="pf-waits">{rows}{more}</ul>' if rows else ""
    return (
        f'<li class="pf-cause"><div class="pf-cause-head">{state(wait.tone, wait.title)}'
        f'<span class="pf-number">{escape(wait.number)}</span>'
        f'<span class="pf-sub" title="{escape(wait.since_exact, quote=True)}">'
        f"for {escape(wait.since)}</span></div>"
        f'<p class="pf-remedy">{escape(wait.explanation)}</p>{names}</li>'
    )


def _wait_row(row: WaitRow) -> str:
    reason = f'<span class="pf-reason">{escape(row.reason)}</span>' if row.reason else ""
    return (
        f'<li class="pf-wait"><span class="pf-path">{escape(row.path)}</span>'
        f"<span>{escape(row.size)}</span>"
        f'<span title="{escape(row.since_exact, quote=True)}">for {escape(row.since)}</span>'
        f'<span class="pf-then" title="{escape(row.then_exact, quote=True)}">'
        f"{escape(row.then)}</span>"
        f"{reason}</li>"
    )


def unsure(shown: Iterable[Unsure], command: str) -> str:
    """Dates that rest on little, with what to do about them."""
    intro = (
        '<p class="pf-detail">These photos may lie under a wrong day. Open one to see what spoke '
        "for which date. The command below gives it the right one; the original stays as it is."
        f'<code class="pf-command">{escape(command)}</code></p>'
    )
    items = "".join(_unsure(group) for group in shown)
    return section("unsure", "Dates to check", f'{intro}<ul class="pf-causes">{items}</ul>')


def _unsure(group: Unsure) -> str:
    source = escape(group.source)
    if group.tag:
        source += f" <code>{escape(group.tag)}</code>"
    message = f'<p class="pf-cause-message">{source}</p>' if source else ""
    more = f'<p class="pf-sub">{escape(group.more)}</p>' if group.more else ""
    return (
        f'<li class="pf-cause pf-unsure"><div class="pf-cause-head">'
        f'{state(group.tone, group.state)}<span class="pf-number">{escape(group.number)}</span>'
        f'</div>{message}<p class="pf-sub">{escape(group.reason)}</p>'
        f"{photo_strip(group.photos)}{more}</li>"
    )
