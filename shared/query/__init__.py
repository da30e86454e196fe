"""The language of queries, which searches and watches share: what people type, and whether a document is meant by it."""
