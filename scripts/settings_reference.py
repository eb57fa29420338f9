# ruff: noqa: INP001 - a script that is started by its path
"""Writes .env.example and docs/configuration.md from the settings classes.

Run it after a setting was added or changed. With --check nothing is written; the exit code is 1
if a file is not what the classes say.
"""

import argparse
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photo_factory.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = Path(".env.example")
REFERENCE = Path("docs/configuration.md")
SCRIPT = "scripts/settings_reference.py"
PACKAGES = (
    "librarian",
    "geocoder",
    "thumbnailer",
    "backup",
    "service_monitor",
    "dashboard",
    "cli",
)
BOUNDS = {
    "exclusiveMinimum": "more than {}",
    "minimum": "at least {}",
    "exclusiveMaximum": "less than {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}
TYPES = {"integer": "whole number", "number": "number", "boolean": "true or false"}
FORMATS = {"path": "path", "password": "secret text", "uri": "address"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as people set it.

    Attributes:
        variable: Its environment variable.
        default: As it would be written in .env; empty where there is none.
    """

    variable: str
    description: str
    values: str
    default: str


@dataclass(frozen=True, slots=True)
class Group:
    """The settings of all services, or those of one."""

    title: str
    settings: tuple[Setting, ...]


def read_groups() -> tuple[Group, ...]:
    """The common settings, then each service's own; services without any are left out."""
    common = _group("All services", Settings, list(Settings.model_fields))
    return (common, *(group for package in PACKAGES for group in _groups_of(package)))


def _groups_of(package: str) -> Iterator[Group]:
    name = f"{package}.settings"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in (name, package):
            raise
        return
    for member in vars(module).values():
        if isinstance(member, type) and issubclass(member, Settings) and member is not Settings:
            own = [field for field in member.model_fields if field not in Settings.model_fields]
            if own and member.__module__ == name:
                yield _group(package.replace("_", "-"), member, own)


def _group(title: str, settings: type[Settings], names: list[str]) -> Group:
    schema = settings.model_json_schema(mode="validation")["properties"]
    return Group(title, tuple(_setting(name, schema[name]) for name in names))


def _setting(name: str, schema: dict[str, Any]) -> Setting:
    description = schema.get("description", "")
    if not description:
        message = f"the setting {name} has no description"
        raise ValueError(message)
    return Setting(
        variable=f"PF_{name}".upper(),
        description=description,
        values=_values(schema),
        default=_default(schema.get("default")),
    )


def _values(schema: dict[str, Any]) -> str:
    """Type and bounds in words; an optional setting is described by its type when it is set."""
    choices = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    return " or ".join(_one_kind(kind) for kind in choices)


def _one_kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(choice) for choice in schema["enum"])
    kind = schema.get("type", "text")
    word = FORMATS.get(schema.get("format", ""), TYPES.get(kind, "text"))
    bounds = [text.format(schema[key]) for key, text in BOUNDS.items() if key in schema]
    return ", ".join([word, *bounds])


def _default(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def render_environment(groups: tuple[Group, ...]) -> str:
    """The text of .env.example: every setting as a comment with its default."""
    lines = [
        "# Photo Factory works without this file.",
        "# To change something, copy this file to .env, and take the # from the line's start.",
        f"# Made by {SCRIPT}; docs/configuration.md says the same as tables.",
    ]
    for group in groups:
        lines += ["", f"## {group.title}"]
        for setting in group.settings:
            lines += ["", f"# {setting.description} ({setting.values})"]
            lines.append(f"#{setting.variable}={setting.default}")
    return "\n".join([*lines, ""])


def render_reference(groups: tuple[Group, ...]) -> str:
    """The text of docs/configuration.md."""
    lines = [
        "# Settings",
        "",
        f"<!-- Made by {SCRIPT}. Change the settings classes instead of this page. -->",
        "",
        "Photo Factory works without any setting.",
        "Each setting is an environment variable; compose reads them from the file `.env`.",
        "An empty variable counts as not set.",
        "`photo-factory config` shows the settings in effect and where each comes from.",
    ]
    for group in groups:
        lines += ["", f"## {group.title}", ""]
        lines += ["| Setting | Meaning | Values | Default |", "|---|---|---|---|"]
        lines += [_row(setting) for setting in group.settings]
    return "\n".join([*lines, ""])


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "–"  # noqa: RUF001 - a dash is meant
    cells = (f"`{setting.variable}`", setting.description, setting.values, default)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def texts() -> dict[Path, str]:
    """What each generated file, relative to the project, has to contain."""
    groups = read_groups()
    return {ENVIRONMENT: render_environment(groups), REFERENCE: render_reference(groups)}


def outdated(root: Path) -> list[Path]:
    """The generated files that are missing or differ from what they have to contain."""
    return [
        path
        for path, text in texts().items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write the files, or only compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare only")
    if parser.parse_args().check:
        found = outdated(ROOT)
        for path in found:
            sys.stderr.write(f"{path} is out of date. Run: python {SCRIPT}\n")
        return 1 if found else 0
    for path, text in texts().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
