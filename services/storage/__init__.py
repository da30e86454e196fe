"""Consumes ArticleParsed, HeadlinesParsed, PageDropped and SourceDeclared; publishes FetchRequested for headlines never
seen, and writes events into the log. Owns the database: the courier alone writes besides, how far it has got."""
