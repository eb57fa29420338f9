"""Turns what was decided about one asset into HTML. Pure. Values from outside are escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from dashboard.asset_view import AssetView, Fact, Item, Link, Picture
from dashboard.dating import CandidateRow
from dashboard.parts import badge, section, state
from dashboard.standing import Tone


def top(view: AssetView) -> str:
    """The picture, and beside it when it was taken and how that is known."""
    notes = "".join(f"<li>{state(Tone.BUSY, note)}</li>" for note in view.notes)
    going_on = f'<ul class="pf-going-on">{notes}</ul>' if notes else ""
    return (
        f'<article class="pf-asset">{_picture(view.picture, view.name)}<div class="pf-about">'
        f'<h1 class="pf-headline">{escape(view.name)}</h1>'
        f'<p class="pf-sub pf-where-it-lies">{escape(view.path)}</p>{going_on}{_when(view)}'
        f"{_list((*view.place, *view.camera))}</div></article>"
    )


def _picture(picture: Picture, name: str) -> str:
    runtime = f'<span class="pf-runtime">{picture.runtime}</span>' if picture.runtime else ""
    if picture.address is None:
        return (
            f'<div class="pf-picture pf-placeholder pf-{picture.tone.style}">'
            f"{badge(picture.tone)}<span>{escape(picture.excuse)}</span>{runtime}</div>"
        )
    address = escape(picture.address, quote=True)
    size = f' width="{picture.width}" height="{picture.height}"' if picture.width else ""
    return (
        f'<a class="pf-picture" href="{address}" target="_blank"><img src="{address}"{size} '
        f'alt="{escape(name, quote=True)}" decoding="async">{runtime}</a>'
    )


def _when(view: AssetView) -> str:
    tone, word = view.confidence
    tag = f' <code title="The tag that decided">{escape(view.tag)}</code>' if view.tag else ""
    return (
        f'<section class="pf-when pf-{tone.style}" aria-label="When it was taken">'
        f'<p class="pf-date">{escape(view.when.date)}</p>'
        f'<p class="pf-clock" title="{escape(view.when.exact, quote=True)}">'
        f"{escape(view.when.clock)} <span>{escape(view.when.zone)}</span></p>"
        f'<p class="pf-evidence">{state(tone, word)}<span>{escape(view.source)}{tag}</span></p>'
        f'<p class="pf-sub pf-advice">{escape(view.advice)}'
        f'<code class="pf-command">{escape(view.command)}</code></p>'
        "</section>"
    )


def candidates(rows: Sequence[CandidateRow], no_reasons: str) -> str:
    """All that could have been the date, and why it was not taken."""
    title = "What else could have been the date"
    if not rows:
        return section("candidates", title, f'<p class="pf-empty">{escape(no_reasons)}</p>')
    body = "".join(_candidate(row) for row in rows)
    return section(
        "candidates",
        title,
        '<table class="pf-candidates"><thead><tr><th scope="col">Where it stood</th>'
        '<th scope="col">What it said</th><th scope="col">What became of it</th></tr></thead>'
        f"<tbody>{body}</tbody></table>",
    )


def _candidate(row: CandidateRow) -> str:
    tag = f"<code>{escape(row.tag)}</code>" if row.tag else ""
    tone, style = (Tone.GOOD, ' class="pf-won"') if row.is_winner else (Tone.QUIET, "")
    fate = state(tone, "Taken as the date") if row.is_winner else escape(row.reason)
    return (
        f'<tr{style}><th scope="row">{escape(row.source)}{tag}</th>'
        f'<td class="pf-said">{escape(row.text)}</td><td class="pf-fate">{fate}</td></tr>'
    )


def cards(view: AssetView) -> str:
    """What else there is to say, in cards; a card that would be empty is left out."""
    shown = (
        section("words", "What was said about it", _list(view.words)) if view.words else "",
        _members(view.members) if view.members else "",
        _albums(view.albums) if view.albums else "",
        section("file", "The file", _list(view.file)),
    )
    return f'<div class="pf-fact-cards">{"".join(shown)}</div>'


def _list(facts: Iterable[Fact]) -> str:
    return f'<dl class="pf-facts">{"".join(_fact(fact) for fact in facts)}</dl>'


def _fact(fact: Fact) -> str:
    note = f'<span class="pf-sub">{escape(fact.note)}</span>' if fact.note else ""
    return f"<div><dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}{note}</dd></div>"


def _members(shown: Iterable[Link]) -> str:
    items = "".join(_member(link) for link in shown)
    return section("group", "Belongs together", f'<ul class="pf-items">{items}</ul>')


def _member(link: Link) -> str:
    name = escape(link.name)
    if link.address:
        address = escape(link.address, quote=True)
        name = f'<a href="{address}" target="_self">{name}</a>'
    else:
        name = f'{name} <span class="pf-sub">(shown here)</span>'
    role = f'<span class="pf-sub">{escape(link.role)}</span>'
    return f'<li><span class="pf-item">{name}</span>{role}</li>'


def _albums(titles: Iterable[str]) -> str:
    items = "".join(f'<li><span class="pf-item">{escape(title)}</span></li>' for title in titles)
    return section("albums", "Albums", f'<ul class="pf-items">{items}</ul>')


def items(name: str, title: str, shown: Iterable[Item]) -> str:
    """Sidecars or corrections."""
    rows = "".join(
        f'<li><span class="pf-item">{escape(item.name)}</span>{state(item.tone, item.state)}'
        f'<span class="pf-sub">{escape(item.detail)}</span></li>'
        for item in shown
    )
    return section(name, title, f'<ul class="pf-items">{rows}</ul>')
