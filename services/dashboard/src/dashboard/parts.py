"""Pieces of HTML that several pages are made of. Pure. Every value from outside is escaped."""

from collections.abc import Iterable
from html import escape

from dashboard.rows import Photo
from dashboard.standing import Tone


def badge(tone: Tone) -> str:
    """The symbol of a tone; words beside it say the same."""
    return f'<span class="pf-badge" aria-hidden="true">{tone.symbol}</span>'


def state(tone: Tone, word: str) -> str:
    """How something stands: symbol, word and colour."""
    return f'<span class="pf-state pf-{tone.style}">{badge(tone)}{escape(word)}</span>'


def section(name: str, title: str, body: str) -> str:
    """A part of a page under a heading. `name` is unique on the page."""
    return (
        f'<section class="pf-section" aria-labelledby="pf-{name}">'
        f'<h2 class="pf-title" id="pf-{name}">{escape(title)}</h2>{body}</section>'
    )


def photo_strip(shown: Iterable[Photo]) -> str:
    """Thumbnails that lead to the pages of their assets."""
    return f'<ul class="pf-photos">{"".join(_photo(photo) for photo in shown)}</ul>'


def _photo(photo: Photo) -> str:
    caption = escape(photo.day) + (f"<span>{escape(photo.place)}</span>" if photo.place else "")
    runtime = f'<span class="pf-runtime">{photo.runtime}</span>' if photo.runtime else ""
    title = escape(f"{photo.name}\n{photo.taken}", quote=True)
    return (
        f'<li class="pf-photo" title="{title}">{_frame(photo)}{runtime}'
        f'<p class="pf-caption">{caption}</p></li>'
    )


def _frame(photo: Photo) -> str:
    name, page = escape(photo.name, quote=True), escape(photo.page, quote=True)
    if photo.picture is None:
        return (
            f'<a class="pf-frame pf-placeholder pf-{photo.tone.style}" href="{page}" '
            f'target="_self">{badge(photo.tone)}<span class="pf-file">{name}</span>'
            f"<span>{escape(photo.excuse)}</span></a>"
        )
    picture = escape(photo.picture, quote=True)
    return (
        f'<a class="pf-frame" href="{page}" target="_self"><img src="{picture}" alt="{name}" '
        'loading="lazy" decoding="async"></a>'
    )
