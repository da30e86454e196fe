"""One folder a service, in the order the data flows: fetcher, parser, storage; scheduler starts, reader shows,
courier brings."""
