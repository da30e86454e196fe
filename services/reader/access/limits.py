"""How often something may be done in a while, counted in Redis over all readers."""

from ipaddress import IPv6Address, ip_address, ip_network
from time import time
from typing import NamedTuple

from redis import Redis

from services.reader.access.reporters import keyed_hash

LOGINS = "newsmill:logins:"


class Limit(NamedTuple):
    """So many times in so many seconds."""

    times: int
    seconds: int


# Somebody who has forgotten which password it was gets through; who guesses has a thousand guesses a day at a name.
BY_NAME = Limit(10, 900)
BY_ADDRESS = Limit(50, 900)


def count(redis: "Redis", key: str, limit: Limit) -> int:
    """Counts a use. Returns 0 if it is within the limit, else the seconds until there is room again."""
    window = int(time() // limit.seconds)
    name = f"{key}:{window}"
    with redis.pipeline(transaction=True) as pipe:
        pipe.incr(name)
        pipe.expire(name, 2 * limit.seconds)
        uses = int(pipe.execute()[0])
    return 0 if uses <= limit.times else int((window + 1) * limit.seconds - time()) + 1


def count_login(redis: "Redis", name: str, address: str) -> int:
    """Counts an attempt to sign in, by its address and by the name, known or not. Returns as count() does."""
    keys = ((f"address {_network(address)}", BY_ADDRESS), (f"name {name}", BY_NAME))
    return max(count(redis, LOGINS + keyed_hash(redis, key)[:32], limit) for key, limit in keys)


def _network(address: str) -> str:
    """Returns what one client has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
