"""Consumes the public trigger stream `newsmill:triggers` and its own ticks; publishes FetchRequested and
SourceDeclared. Reads the database, never writes it. Its exporter alone shows the queues."""
