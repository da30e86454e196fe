"""The tables and the engine. The storage worker writes; scheduler and reader read; fetcher and parser never import it."""
