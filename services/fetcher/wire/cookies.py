"""Cookies that a site sets on the way to a page, for that way only: redirect walls lead nobody on without them."""

from http.cookiejar import Cookie
from typing import Any, Self

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header

MOST = 50


class Jar:
    """The cookies of one URL's fetch, by the rules of RFC 6265 as http.cookiejar has them."""

    def __init__(self) -> None:
        # Made with its first cookie: most pages have none on their way, and a jar costs as much as a parsed head.
        self._made: RequestsCookieJar | None = None

    @property
    def _jar(self) -> RequestsCookieJar:
        if self._made is None:
            self._made = RequestsCookieJar()
        return self._made

    def __bool__(self) -> bool:
        return bool(self._made)

    @classmethod
    def load(cls, kept: list[dict[str, Any]]) -> Self:
        """A jar as dump() kept it."""
        jar = cls()
        for fields in kept:
            jar._jar.set_cookie(Cookie(**fields))
        return jar

    def dump(self) -> list[dict[str, Any]]:
        """The cookies as JSON objects."""
        return [{name.removeprefix("_"): value for name, value in vars(cookie).items()} for cookie in self._made or ()]

    def read(self, answer: Response) -> None:
        """Takes the cookies that an answer sets, the first MOST of them."""
        if len(self._jar) < MOST:
            extract_cookies_to_jar(self._jar, answer.request, answer.raw)  # type: ignore[no-untyped-call]

    def header(self, request: PreparedRequest) -> str | None:
        """The Cookie header of a request."""
        header: str | None = get_cookie_header(self._jar, request) if self else None  # type: ignore[no-untyped-call]
        return header
