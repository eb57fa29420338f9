"""The dashboard on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard.reader import Reader
from dashboard.settings import DashboardSettings


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> DashboardSettings:
    """The dashboard's settings on a database of the test's own."""
    return DashboardSettings.model_validate({"data_dir": tmp_path, "database_url": database_url})


@pytest.fixture
def reader(settings: DashboardSettings) -> Iterator[Reader]:
    """The way of pages and routes to that database."""
    reader = Reader(settings)
    yield reader
    reader.close()
