"""Pictures that show nothing of a story, by the names of their files: spacers, logos, empty avatars, pictures for any page."""

import re

_EXTENSION = re.compile(r"\.(\w{3,4})(?:$|!)")
_NO_PICTURE = re.compile(r"(?<![a-z])no[-_](image|photo|img|picture)", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_]+")
# Words for pictures that show nothing. A file with no other words than these and the fillers is none of the article's;
# one that names its subject too is: "logo-contest-winners.jpg".
_EMPTY = frozenset(
    "noimage nophoto noimg nopicture placeholder platzhalter spacer blank pixel transparent empty loading loader lazy lazyload logo avatar".split()
)
_FILLERS = frozenset(
    "default site image img the new big small large square header footer white black dark light color og share social facebook "
    "fb twitter meta thumb thumbnail x px gif png svg jpg min max w h v article news user profile mobile desktop".split()
)
# Pictures for every page that has none of its own; only among the files of a site's template: elsewhere they may be an article's.
_SHARED = frozenset("default share social og fallback generic".split())
_OF_TEMPLATE = re.compile(r"/(?:static|assets?|themes?|dist|build|resources|templates?)/")
_ICON = re.compile(r"(?:1x1|favicon[-_\dx]*|apple-touch-icon[\w-]*)\.")
_LOGO_TYPES = frozenset({"png", "svg", "gif", "webp"})


def is_placeholder(url: str) -> bool:
    """Returns whether a picture shows nothing of a story, by its file's name: a transparent pixel, a logo, an empty avatar."""
    if url.startswith("data:"):
        return True
    path = url.partition("?")[0].rstrip("/")
    name = path.rpartition("/")[2]
    words = {word.lower() for word in _NAME_WORD.findall(_NO_PICTURE.sub(r"no\1", name))}
    extension = _EXTENSION.search(name)
    is_logo = "logo" in words and extension is not None and extension[1].lower() in _LOGO_TYPES
    is_shared = bool(words & _SHARED) and words <= _SHARED | _FILLERS and _OF_TEMPLATE.search(path) is not None
    is_empty = bool(words & _EMPTY) and words <= _EMPTY | _FILLERS
    return is_logo or is_empty or is_shared or _ICON.match(name) is not None
