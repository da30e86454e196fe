"""The key that signs cookies and forms.

It lies in the database and not in Redis, which the services that handle other people's bytes can write to as well.
"""

from secrets import token_hex

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from services.reader.settings import ReaderSettings
from shared.database.models import Secret

NAME = "session key"


class SigningKey:
    """The key of the settings, else one that is made once and kept.

    Args:
        engine: of the database that keeps it.
        settings: may hold it.
    """

    def __init__(self, engine: Engine, settings: ReaderSettings) -> None:
        self._engine = engine
        key = settings.reader_session_key
        self._key = key.get_secret_value() if key else None

    def read(self) -> str:
        """Returns the key. The first call may wait for the database."""
        if self._key is None:
            self._key = _kept(self._engine)
        return self._key


def _kept(engine: Engine) -> str:
    """Returns the kept key, after making it where there is none."""
    with Session(engine) as session:
        if (secret := session.get(Secret, NAME)) is None:
            session.add(Secret(name=NAME, value=token_hex(32)))
            try:
                session.commit()
            except IntegrityError:
                # Another reader has made it at the same moment.
                session.rollback()
            secret = session.get_one(Secret, NAME)
        return secret.value
