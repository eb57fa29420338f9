"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say what changes and why."""
    op.execute("SET LOCAL lock_timeout = '5s'")


def downgrade() -> None:
    """Refuse: migrations only go forward."""
    message = "migrations only go forward; restore the dump taken before the upgrade"
    raise RuntimeError(message)
