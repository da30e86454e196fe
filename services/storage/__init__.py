"""Consumes ArticleParsed, HeadlinesParsed, PageDropped and SourceDeclared; publishes FetchRequested for headlines never
seen, and events on the stream `newsmill:events`. Owns the database: nobody else writes it."""
