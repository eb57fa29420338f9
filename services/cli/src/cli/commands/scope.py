"""The option that narrows a command to one stage, to the inbox, or to imports."""

from photo_factory.overview import STAGES
from photo_factory.problems import IMPORT_SCOPE, INBOX_SCOPE

from cli.commands.session import fail

SCOPES = (*STAGES, INBOX_SCOPE, IMPORT_SCOPE)
HELP = f"Only one of: {', '.join(SCOPES)}."


def check_scope(stage: str | None) -> str | None:
    """The stage as given; an unknown one ends the command with exit code 2."""
    if stage is not None and stage not in SCOPES:
        fail(f"There is no stage {stage!r}. Choose one of: {', '.join(SCOPES)}")
    return stage
