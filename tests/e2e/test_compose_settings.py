"""What a user writes into .env must reach the service that understands it."""

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from photo_factory.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.compose]

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = ("librarian", "geocoder", "thumbnailer", "backup", "service-monitor", "dashboard")
OWNED_BY_COMPOSE = {
    "data_dir",
    "inbox_dir",
    "library_dir",
    "derivatives_dir",
    "quarantine_dir",
    "database_url",
    "database_password_file",
    "health_file",
    "log_format",
    "instance",
    "grace_seconds",  # goes together with stop_grace_period
}


def settings_class(service: str) -> type[Settings]:
    """The settings class of a service, or the common one if it has none of its own."""
    package = service.replace("-", "_")
    if importlib.util.find_spec(f"{package}.settings") is None:
        return Settings
    module = importlib.import_module(f"{package}.settings")
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Settings)
        and value.__module__ == module.__name__
    ]
    return own[0] if own else Settings


@pytest.mark.parametrize("service", SERVICES)
def test_compose_passes_every_setting_of_a_service_on(service: str) -> None:
    if shutil.which("docker") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("docker is not installed")
        pytest.skip("docker is not installed")
    shown = subprocess.run(
        ["docker", "compose", "config", "--format", "json"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout
    passed = set(json.loads(shown)["services"][service]["environment"])
    understood = {
        f"PF_{name.upper()}"
        for name in settings_class(service).model_fields.keys() - OWNED_BY_COMPOSE
    }
    assert understood <= passed, f"missing in docker-compose.yml: {sorted(understood - passed)}"
