"""photo-factory config: the settings in effect and where each comes from."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from photo_factory.settings import Settings

from cli.commands.session import load_settings
from cli.commands.wording import printable

PREFIX = "PF_"
MASK = "********"
FOLDERS = {
    "data_dir": "data",
    "inbox_dir": "inbox",
    "library_dir": "library",
    "derivatives_dir": "derivatives",
    "quarantine_dir": "quarantine",
}
"""Settings that are shown as the absolute folder that they come to."""

Source = Literal["default", "environment", "state file"]


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting in effect."""

    value: str | int | float | None
    source: Source


def config(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Do not mask passwords.")
    ] = False,
) -> None:
    """Show the settings in effect and where each comes from."""
    settings = load_settings()
    shown = effective(settings, os.environ, show_secrets=show_secrets)
    if as_json:
        document = {
            name: {"value": setting.value, "source": setting.source}
            for name, setting in shown.items()
        }
        typer.echo(json.dumps(document, indent=2))
        return
    for name, setting in shown.items():
        value = "not set" if setting.value in (None, "") else printable(str(setting.value))
        typer.echo(f"{name} = {value}  ({setting.source})")


def effective(
    settings: Settings, environment: Mapping[str, str], *, show_secrets: bool
) -> dict[str, Effective]:
    """Every common setting, then what the environment sets for single services."""
    found: dict[str, Effective] = {}
    for name in type(settings).model_fields:
        source: Source = "environment" if name in settings.model_fields_set else "default"
        found[name] = Effective(_value(settings, name), source)
    found["database_url"] = _database(settings, show_secrets=show_secrets)
    for variable, value in sorted(environment.items()):
        name = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and value and name not in found:
            shown = _of_a_service(variable, value, show_secrets=show_secrets)
            found[name] = Effective(shown, "environment")
    return found


def mask(text: str) -> str:
    """The text, with the password hidden if it is an address that has one.

    It goes by the last @ rather than by the rules for addresses: a password in which somebody
    forgot to escape a slash is hidden too.
    """
    if "://" not in text:
        return text
    text = re.sub(r"(://[^:@]*):.*@", rf"\1:{MASK}@", text)
    return re.sub(r"(?i)([?&]password=)[^&]*", rf"\1{MASK}", text)


def _value(settings: Settings, name: str) -> str | int | float | None:
    if name in FOLDERS:
        return str(getattr(settings, FOLDERS[name]))
    value = getattr(settings, name)
    if isinstance(value, Path):
        return str(value)
    return value if value is None or isinstance(value, int | float) else str(value)


def _database(settings: Settings, *, show_secrets: bool) -> Effective:
    is_given = settings.database_url is not None
    try:
        address = settings.database_address()
    except ValueError:
        return Effective(None, "environment" if is_given else "default")
    if not show_secrets:
        address = mask(address) if "://" in address else MASK
    return Effective(address, "environment" if is_given else "state file")


def _of_a_service(variable: str, value: str, *, show_secrets: bool) -> str:
    if show_secrets:
        return value
    return MASK if _sounds_secret(variable) else mask(value)


def _sounds_secret(variable: str) -> bool:
    if variable.endswith("_FILE"):
        return False
    return re.search(r"PASSWORD|SECRET|TOKEN|KEY|PASSPHRASE", variable) is not None
