"""Downloads pages: consumes FetchRequested, publishes PageFetched (or, through Drop, PageDropped).

Only the fetcher reaches the internet. The listing is a URL's path: journey.py (its hops), politeness/ (robots.txt and
turns at hosts), wire/ (the request, and the guard that keeps it off private networks), answer/ (what an answer means).
fetch.py joins them.
"""
