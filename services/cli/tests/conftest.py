"""Runs `photo-factory import` in the tests' own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from cli.commands.import_ import import_
from import_runs import Run
from typer import Typer
from typer.testing import CliRunner, Result


@pytest.fixture
def run_import(tmp_path: Path, database_url: str) -> Iterator[Run]:
    """The command as `photo-factory` would run it, with its data in the folder `data`."""
    app = Typer()
    app.command()(import_)

    def invoke(*arguments: str | Path, **environment: str) -> Result:
        variables = {
            "PF_DATA_DIR": str(tmp_path / "data"),
            "PF_DATABASE_URL": database_url,
            "PF_STABILITY_SECONDS": "0.2",
            **environment,
        }
        return CliRunner().invoke(app, [str(one) for one in arguments], env=variables)

    before = structlog.get_config()
    yield invoke
    structlog.configure(**before)
