"""The parser: consumes PageFetched, publishes ArticleParsed and HeadlinesParsed; owns extraction."""
