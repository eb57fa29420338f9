"""Notices when a service falls silent and when it is back, once each. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from photo_factory.overview import ServiceState

OWN_NAME = "service-monitor"
SILENT = ("stale", "down")


@dataclass(frozen=True, slots=True)
class Notice:
    """A change that is worth a line in the log."""

    event: Literal["service fell silent", "service is down", "service is back", "service stopped"]
    service: str
    instance: str
    age_seconds: float

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look."""
        return self.event in ("service fell silent", "service is down")


class Watch:
    """Remembers which services are silent, so that each change is told once."""

    def __init__(self) -> None:
        self._silent: dict[tuple[str, str], str] = {}
        self.down: tuple[str, ...] = ()

    def observe(self, states: Iterable[ServiceState]) -> list[Notice]:
        """Compare with the time before; returns what has changed.

        The monitor itself is left out: its heart beats between two looks.
        """
        seen = [state for state in states if state.service != OWN_NAME]
        notices = [notice for state in seen if (notice := self._change(state)) is not None]
        present = {(state.service, state.instance) for state in seen}
        self._silent = {key: status for key, status in self._silent.items() if key in present}
        self.down = tuple(sorted({state.service for state in seen if state.status == "down"}))
        return notices

    def _change(self, state: ServiceState) -> Notice | None:
        key = (state.service, state.instance)
        before = self._silent.get(key)
        age_seconds = round(state.age_seconds or 0.0, 1)
        if state.status in SILENT:
            self._silent[key] = state.status
            if before == state.status:
                return None
            event: Literal["service fell silent", "service is down"] = (
                "service is down" if state.status == "down" else "service fell silent"
            )
            return Notice(event, *key, age_seconds)
        if before is None:
            return None
        del self._silent[key]
        stopped = state.status == "stopped"
        return Notice("service stopped" if stopped else "service is back", *key, age_seconds)
