"""What each reader has read and starred. The reader's web application writes these tables (docs/adr/0026)."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlmodel import Field, SQLModel

from shared.database.models.columns import instant

# The owner of what is read at the machine itself, without an account.
LOCAL_OWNER = 0


class ReadState(SQLModel, table=True):
    """What an owner has made of an article. `owner` is the number of an account, or LOCAL_OWNER.

    `is_read` is null where nothing was said of it: then an article is read as far as its headlines are.
    """

    __tablename__ = "read_state"

    owner: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    article_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, index=True, autoincrement=False
        )
    )
    is_read: bool | None = None
    starred_at: datetime | None = instant()


class ReadPlace(SQLModel, table=True):
    """Up to which headline an owner has read all of them."""

    __tablename__ = "read_place"

    owner: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    headline_id: int = Field(sa_type=BigInteger)
    moved_at: datetime = instant(null=False)
