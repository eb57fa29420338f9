"""Why nothing is taken in from an inbox now, though its files would be due."""

from collections.abc import Iterable

from photo_factory.alerts import Alert, open_alerts
from photo_factory.database import Connection
from photo_factory.imports import IS_IMPORT
from photo_factory.overview import ServiceState, read_services
from photo_factory.pauses import find_pause

LIBRARIAN = "librarian"
SILENT = frozenset({"down", "stopped", "never_seen"})
LIBRARY_ALERTS = ("librarian.root.library", "librarian.library.")
ROOT_ALERT = "librarian.root."

INBOXES = f"""
SELECT DISTINCT inbox FROM inbox_files
WHERE state IN ('waiting', 'ingesting', 'releasing') AND NOT {IS_IMPORT}
"""  # noqa: S608 - a constant of this package


def read_holdups(connection: Connection) -> dict[str, str]:
    """Sentences by the name of the inbox; only of inboxes in which something waits."""
    inboxes = [inbox for (inbox,) in connection.execute(INBOXES)]
    if not inboxes:
        return {}
    librarians = [one for one in read_services(connection) if one.service == LIBRARIAN]
    pause = find_pause(connection, LIBRARIAN)
    alerts = open_alerts(connection)
    general = _silence(librarians) or (pause.sentence if pause else "") or _of_library(alerts)
    found = {
        inbox: general or _of_root(alerts, inbox) or _unwatched(librarians, inbox)
        for inbox in inboxes
    }
    return {inbox: sentence for inbox, sentence in found.items() if sentence}


def _silence(librarians: Iterable[ServiceState]) -> str:
    statuses = {one.status for one in librarians}
    if statuses - SILENT:
        return ""
    if "down" in statuses:
        return "The librarian is down: it has sent no heartbeat for a while."
    if "stopped" in statuses:
        return "The librarian is stopped. Files are taken in once it runs again."
    return "The librarian has not been heard of yet."


def _of_library(alerts: Iterable[Alert]) -> str:
    return next((_sentence(one) for one in alerts if one.key.startswith(LIBRARY_ALERTS)), "")


def _of_root(alerts: Iterable[Alert], inbox: str) -> str:
    keys = {f"{ROOT_ALERT}{inbox}", f"{ROOT_ALERT}inbox.{inbox}"}
    return next((_sentence(one) for one in alerts if one.key in keys), "")


def _sentence(alert: Alert) -> str:
    return alert.message[:1].upper() + alert.message[1:]


def _unwatched(librarians: Iterable[ServiceState], inbox: str) -> str:
    """The heartbeat names the inboxes that a librarian watches."""
    living = [one for one in librarians if one.status not in SILENT]
    watched = [one.details["noticing"] for one in living if "noticing" in one.details]
    if not watched or any(inbox in names for names in watched):
        return ""
    return f"No librarian watches the inbox {inbox}: the settings name it no longer."
