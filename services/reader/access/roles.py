"""What a visitor may do: roles of people, and scopes that narrow what a program does in a person's name."""

from enum import StrEnum


class Role(StrEnum):
    """A role may do all that those before it may.

    A reader sees what is stored; an editor changes sites, watches, images and dead letters; an admin changes users and
    sees the audit.
    """

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    def includes(self, need: "Role") -> bool:
        """Returns whether who has this role may do what needs that one."""
        order = tuple(Role)
        return order.index(self) >= order.index(need)


class Scope(StrEnum):
    """What a token may be used for: to see, to change, or to send URLs to be fetched."""

    READ = "read"
    WRITE = "write"
    TRIGGER = "trigger"


EVERY_SCOPE = frozenset(Scope)
