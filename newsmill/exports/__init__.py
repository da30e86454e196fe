"""What `newsmill export` writes: Parquet, and only what has changed since the last export."""
