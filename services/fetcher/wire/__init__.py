"""One request on the wire: guarded, bounded in time and bytes."""
