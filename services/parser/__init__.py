"""The parser: takes PageFetched, gives ArticleParsed and HeadlinesParsed. Reading pages is its business alone."""
