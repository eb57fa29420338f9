"""The generated settings reference says what the settings classes say."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module; it lies in no package."""
    path = ROOT / "scripts" / "settings_reference.py"
    spec = importlib.util.spec_from_file_location("settings_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["settings_reference"] = module
    spec.loader.exec_module(module)
    return module


def test_the_committed_files_are_what_the_classes_say(script: ModuleType) -> None:
    assert script.outdated(ROOT) == [], "run: python scripts/settings_reference.py"


def test_common_settings_come_once_and_services_have_their_own(script: ModuleType) -> None:
    variables = [one.variable for group in script.read_groups() for one in group.settings]
    assert variables.count("PF_DATA_DIR") == 1
    assert variables.count("PF_MONITOR_SECONDS") == 1
    assert len(variables) == len(set(variables))


def test_bounds_and_defaults_are_told(script: ModuleType) -> None:
    (found,) = [
        one
        for group in script.read_groups()
        for one in group.settings
        if one.variable == "PF_HISTORY_DAYS"
    ]
    assert found.values == "whole number, at least 1, at most 3650"
    assert found.default == "60"


def test_an_outdated_file_is_named(script: ModuleType, tmp_path: Path) -> None:
    assert script.outdated(tmp_path) == [script.ENVIRONMENT, script.REFERENCE]
