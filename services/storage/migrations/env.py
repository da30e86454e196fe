"""Alembic's entry: migrates over the connection that services/storage/migrate.py hands in."""

from alembic import context
from sqlmodel import SQLModel

import shared.database.models  # noqa: F401 - fills SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    # SQLite alters a table by making it anew.
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
