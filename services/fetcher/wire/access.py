"""Logins and proxies of sources, from a file that only the fetcher can read: no message carries a secret.

[logins.lemonde]
hosts = ["lemonde.example"]
headers = { Authorization = "Bearer …" }
cookies = { session = "…" }

[proxies]
eu = "http://user:secret@proxy.example:3128"
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError

from shared.contracts import Access, Reason
from shared.errors import Drop, SettingsError

# Field names and values of RFC 9110 §5; a line break in one would begin a header of somebody else's.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e]*")


def _sendable(value: SecretStr) -> SecretStr:
    if not _VALUE.fullmatch(value.get_secret_value()):
        raise ValueError("has a character that no header can hold")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    check_proxy(value.get_secret_value())
    return value


Value = Annotated[SecretStr, AfterValidator(_sendable)]


class Login(BaseModel):
    """What is sent to the hosts of a login and their subdomains, and to nobody else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: tuple[str, ...]
    headers: dict[str, Value] = {}
    cookies: dict[str, Value] = {}

    def is_for(self, host: str) -> bool:
        """Whether a host may see it."""
        return any(host == own or host.endswith(f".{own}") for own in self.hosts)


class AccessFile(BaseModel):
    """What the file holds, by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    logins: dict[str, Login] = {}
    proxies: dict[str, Annotated[SecretStr, AfterValidator(_proxy)]] = {}

    def login(self, access: Access | None) -> Login | None:
        """The login of a source, if it has one.

        Raises:
            Drop: ACCESS_UNKNOWN.
        """
        if access is None or access.login is None:
            return None
        if access.login not in self.logins:
            raise _unknown("login", access.login, self.logins)
        return self.logins[access.login]

    def proxy(self, access: Access | None) -> str | None:
        """The proxy's URL of a source, if it has one of its own. Secret: never log it.

        Raises:
            Drop: ACCESS_UNKNOWN.
        """
        if access is None or access.proxy is None:
            return None
        if access.proxy not in self.proxies:
            raise _unknown("proxy", access.proxy, self.proxies)
        return self.proxies[access.proxy].get_secret_value()


def read_access(path: Path | None) -> AccessFile:
    """The access file; an empty one where none is set.

    Raises:
        SettingsError: it is not there, cannot be read, or says what nobody understands.
    """
    if path is None:
        return AccessFile()
    try:
        found = AccessFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: no TOML ({error})") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: {wrong}") from None
    for name, login in found.logins.items():
        for header in (*login.headers, *login.cookies):
            if not _NAME.fullmatch(header):
                raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: logins.{name}: {header!r} is no header's name")
    return found


def check_proxy(url: str) -> None:
    """Raises ValueError for what is no proxy of ours; the message has no secret in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http:// or https:// URL of a proxy")


def _unknown(kind: str, name: str, known: Mapping[str, object]) -> Drop:
    listed = ", ".join(sorted(known)) or "nothing"
    return Drop(
        Reason.ACCESS_UNKNOWN, f"{kind} {name!r} is not in NEWSMILL_FETCH_ACCESS_FILE, which has {listed}: add it there"
    )
