"""One request on the wire: to public addresses only, bounded in time and bytes."""
