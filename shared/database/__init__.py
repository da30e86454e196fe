"""The tables and the engine. The storage worker writes; scheduler, reader and courier read; fetcher and parser never import it."""
