"""The command line: the whole system on one machine, and every door to it."""
