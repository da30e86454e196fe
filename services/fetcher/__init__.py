"""Downloads pages: consumes FetchRequested, publishes PageFetched (or, through Drop, PageDropped).

It alone reaches the internet and owns politeness: robots.txt, one slot a host across all fetchers, and the guard
that keeps every connection off private networks.
"""
