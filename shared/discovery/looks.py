"""Where a look at a site is kept while it goes on, and for an hour: a hash in Redis, a field for each page by its trace."""

from shared.contracts import Message

PREFIX = "newsmill:look:"
KEPT_SECONDS = 3600
# Fields beside those of pages: what the person wishes, and the limits of polls.
WISH, LIMITS = "wish", "limits"


def look_key(message: Message) -> str:
    """Returns the key of the look that a message belongs to: every page of it names the first one as its cause."""
    return PREFIX + (message.cause or message.trace_id)
