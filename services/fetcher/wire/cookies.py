"""Cookies that a site sets on the way to a page, kept for that way only: some redirects lead nowhere without them."""

from http.cookiejar import Cookie
from typing import Any, Self

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header

# As many as a browser keeps for a site, and as long (RFC 6265, 6.1): they go into each request of the journey, and into the
# message that waits for its next step.
MAX_COOKIES, MAX_CHARACTERS = 50, 4096


class Jar:
    """The cookies of one URL's fetch, by the rules of RFC 6265 as http.cookiejar has them."""

    def __init__(self) -> None:
        # Made with its first cookie: most pages set none on their way, and a jar costs as much as a parsed head.
        self._opened: RequestsCookieJar | None = None

    @property
    def _jar(self) -> RequestsCookieJar:
        if self._opened is None:
            self._opened = RequestsCookieJar()
        return self._opened

    def __bool__(self) -> bool:
        return bool(self._opened)

    @classmethod
    def load(cls, fields_of_cookies: list[dict[str, Any]]) -> Self:
        """Returns the jar that dump() wrote."""
        jar = cls()
        for fields in fields_of_cookies:
            jar._jar.set_cookie(Cookie(**fields))
        return jar

    def dump(self) -> list[dict[str, Any]]:
        """Returns the cookies as JSON objects."""
        return [
            {name.removeprefix("_"): value for name, value in vars(cookie).items()} for cookie in self._opened or ()
        ]

    def read(self, answer: Response) -> None:
        """Takes the cookies that an answer sets, but none that is too long or for which there is no room."""
        if len(self._jar) >= MAX_COOKIES:
            return
        extract_cookies_to_jar(self._jar, answer.request, answer.raw)  # type: ignore[no-untyped-call]
        for number, cookie in enumerate(_cookies(self._jar)):
            if number >= MAX_COOKIES or _size(cookie) > MAX_CHARACTERS:
                self._jar.clear(cookie.domain, cookie.path, cookie.name)

    def header(self, request: PreparedRequest) -> str | None:
        """Returns the Cookie header of a request; None without cookies for it."""
        header: str | None = get_cookie_header(self._jar, request) if self else None  # type: ignore[no-untyped-call]
        return header


def _size(cookie: Cookie) -> int:
    return sum(len(text or "") for text in (cookie.name, cookie.value, cookie.path, cookie.domain))


def _cookies(jar: Any) -> list[Cookie]:
    # requests' stubs take its jar for a mapping of names.
    return list(jar)
