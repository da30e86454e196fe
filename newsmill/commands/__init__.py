"""One module a command. Each has an `app`, which newsmill/cli.py imports when the command is called."""
