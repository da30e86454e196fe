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

# Field names and values of RFC 9110 §5; a line break in a value would begin another header.
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\x20-\x7e]*")


def _sendable(value: SecretStr) -> SecretStr:
    if not _FIELD_VALUE.fullmatch(value.get_secret_value()):
        raise ValueError("has a character that no header can hold")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    check_proxy(value.get_secret_value())
    return value


HeaderValue = Annotated[SecretStr, AfterValidator(_sendable)]


class Login(BaseModel):
    """Headers and cookies that are sent to some hosts and their subdomains, and to no other host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: tuple[str, ...]
    headers: dict[str, HeaderValue] = {}
    cookies: dict[str, HeaderValue] = {}

    def is_for(self, host: str) -> bool:
        """Whether a host may see the login."""
        return any(host == domain or host.endswith(f".{domain}") for domain in self.hosts)


class AccessFile(BaseModel):
    """The logins and proxies of the file, by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    logins: dict[str, Login] = {}
    proxies: dict[str, Annotated[SecretStr, AfterValidator(_proxy)]] = {}

    def login(self, access: Access | None) -> Login | None:
        """Returns the login of a source, if it has one.

        Raises:
            Drop: ACCESS_UNKNOWN: the file has none of that name.
        """
        if access is None or access.login is None:
            return None
        if access.login not in self.logins:
            raise _unknown("login", access.login, self.logins)
        return self.logins[access.login]

    def proxy(self, access: Access | None) -> str | None:
        """Returns the URL of a source's own proxy, if it has one. Secret: never log it.

        Raises:
            Drop: ACCESS_UNKNOWN: the file has none of that name.
        """
        if access is None or access.proxy is None:
            return None
        if access.proxy not in self.proxies:
            raise _unknown("proxy", access.proxy, self.proxies)
        return self.proxies[access.proxy].get_secret_value()


def read_access(path: Path | None) -> AccessFile:
    """Returns what the access file holds; nothing where no file is set.

    Raises:
        SettingsError: the file is missing, cannot be read, is no TOML, or has a field that does not exist.
    """
    if path is None:
        return AccessFile()
    try:
        access = AccessFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: no TOML ({error})") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: {wrong}") from None
    for name, login in access.logins.items():
        for header in (*login.headers, *login.cookies):
            if not _FIELD_NAME.fullmatch(header):
                raise SettingsError(f"NEWSMILL_FETCH_ACCESS_FILE={path}: logins.{name}: {header!r} is no header's name")
    return access


def check_proxy(url: str) -> None:
    """Raises ValueError for a URL that is no proxy's; the message has no secret in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http:// or https:// URL of a proxy")


def _unknown(kind: str, name: str, entries: Mapping[str, object]) -> Drop:
    names = ", ".join(sorted(entries)) or "nothing"
    return Drop(
        Reason.ACCESS_UNKNOWN, f"{kind} {name!r} is not in NEWSMILL_FETCH_ACCESS_FILE, which has {names}: add it there"
    )
