"""Whether the secret key fits."""

from sqlalchemy import Column, Integer, LargeBinary, Table

from storage.schema.base import metadata

key_check = Table(
    "key_check",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
