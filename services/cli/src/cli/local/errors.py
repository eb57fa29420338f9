"""What local mode says when it cannot go on."""

FAILED = 1
WRONG = 2


class LocalModeError(Exception):
    """Local mode cannot go on. The message is a sentence for the user, without secrets.

    Args:
        message: What happened and what to do.
        code: Exit code: 1 for a failure, 2 for a wrong configuration.
    """

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
