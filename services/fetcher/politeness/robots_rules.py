"""The rules in a robots.txt, as far as they can concern us."""

import re

from protego import Protego

# Every spelling that Protego takes for it.
_AGENT_LINE = re.compile(r"user(?:-|\s+)?agent(?:\s*:|\s)([^#]*)", re.IGNORECASE)
# No product's name begins so, hence no group under this name is for us.
_OTHER_AGENT = "-"


def parse(text: str, agent: str) -> Protego:
    """Returns the rules of a robots.txt as far as they can concern `agent`, a product name."""
    return Protego.parse("\n".join(_for_agent(line, agent.lower()) for line in text.splitlines()))


def _for_agent(line: str, agent: str) -> str:
    """Returns a line with the name of any other crawler replaced by one name.

    Protego keeps every rule of a group once for each crawler that the group names: 100 KB of as many names as rules
    would cost it 20 seconds.
    """
    match = _AGENT_LINE.match(line.lstrip())
    if match is None:
        return line
    name = match[1].strip().lower()
    stem = name.replace("*", "")
    concerned = name == "*" or (stem and agent.startswith(stem))
    return f"User-agent: {stem or name if concerned else _OTHER_AGENT}"
