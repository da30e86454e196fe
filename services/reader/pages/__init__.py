"""Pages for people: they load nothing from other hosts."""
