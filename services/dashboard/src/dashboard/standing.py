"""How services and stages stand: tones, words, and which of several copies speaks. Pure."""

from collections.abc import Iterable
from enum import Enum

from photo_factory.overview import Overview, ServiceState, StageCounts

from dashboard.wording import plural


class Tone(Enum):
    """How something stands: a class for the style sheet, a symbol, and never colour alone."""

    GOOD = ("good", "✓")
    BUSY = ("busy", "↻")
    LIKELY = ("likely", "≈")
    QUIET = ("quiet", "–")  # noqa: RUF001 - a dash, as intended
    NOTICE = ("notice", "!")
    BAD = ("bad", "×")  # noqa: RUF001 - a cross, as intended
    UNKNOWN = ("unknown", "?")

    @property
    def style(self) -> str:
        """Name of the class in the style sheet."""
        return self.value[0]

    @property
    def symbol(self) -> str:
        """A sign that needs no colour to be understood."""
        return self.value[1]


STATES: dict[str, tuple[Tone, str]] = {
    "healthy": (Tone.GOOD, "healthy"),
    "degraded": (Tone.NOTICE, "in trouble"),
    "paused": (Tone.NOTICE, "paused"),
    "not_configured": (Tone.QUIET, "not set up"),
    "stale": (Tone.NOTICE, "late"),
    "down": (Tone.BAD, "down"),
    "stopped": (Tone.NOTICE, "stopped"),
    "never_seen": (Tone.UNKNOWN, "never seen"),
}
"""Tone and word of each state of a service."""

WORST_FIRST = (
    "down",
    "stopped",
    "paused",
    "degraded",
    "stale",
    "never_seen",
    "not_configured",
    "healthy",
)
LIVE = frozenset({"healthy", "degraded", "paused", "not_configured", "stale"})


def service_heads(services: Iterable[ServiceState]) -> tuple[ServiceState, ...]:
    """One state per service: the worst of its living copies, or its only news if none lives."""
    heads: dict[str, ServiceState] = {}
    for state in services:
        head = heads.get(state.service)
        if head is None or _precedes(state, head):
            heads[state.service] = state
    return tuple(heads.values())


def _precedes(state: ServiceState, head: ServiceState) -> bool:
    if (state.status in LIVE) != (head.status in LIVE):
        return state.status in LIVE
    return WORST_FIRST.index(state.status) < WORST_FIRST.index(head.status)


def failures(overview: Overview) -> int:
    """Files and steps that need a person."""
    return overview.inbox.failed + sum(stage.failed for stage in overview.stages)


def stage_counts(overview: Overview, name: str) -> StageCounts | None:
    """The counts of one stage."""
    return next((stage for stage in overview.stages if stage.name == name), None)


def head_of(overview: Overview, service: str) -> ServiceState | None:
    """What speaks for one service."""
    return next((s for s in service_heads(overview.services) if s.service == service), None)


def open_steps(overview: Overview) -> int:
    """Steps that wait or run; those of a backup that is not set up wait for nothing."""
    head = head_of(overview, "backup")
    has_backup = head is None or head.status != "not_configured"
    stages = [s for s in overview.stages if has_backup or s.name != "backup"]
    return sum(stage.pending + stage.running for stage in stages)


def sidecars_wait(overview: Overview) -> str:
    """Of those that came without their photo; empty if there are none."""
    number = overview.inbox.sidecars
    if not number:
        return ""
    return f"{plural(number, 'sidecar')} {'waits' if number == 1 else 'wait'} for a photo"
