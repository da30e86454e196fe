"""Pages that were saved elsewhere, and lists of URLs, sent into the pipeline as a backfill."""
