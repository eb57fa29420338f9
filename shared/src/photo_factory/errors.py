"""The two kinds of failure that a stage may declare; anything else it raises is a bug."""


class StageError(Exception):
    """A failure with a stable code and a sentence for the user.

    Attributes:
        code: snake_case noun that the dashboard groups by; it has a page in docs/runbooks.
        hint: What happened, to which file, and what to do.
    """

    def __init__(self, code: str, hint: str) -> None:
        super().__init__(hint)
        self.code = code
        self.hint = hint


class Permanent(StageError):  # noqa: N818 - the name is the outcome: raise Permanent(...)
    """Trying again will not help. The item goes to Needs attention and is not retried."""


class Transient(StageError):  # noqa: N818 - as above
    """Trying again may help. The item is retried with backoff.

    Attributes:
        after_seconds: Wait at least this long before the next attempt.
    """

    def __init__(self, code: str, hint: str, after_seconds: float | None = None) -> None:
        super().__init__(code, hint)
        self.after_seconds = after_seconds
