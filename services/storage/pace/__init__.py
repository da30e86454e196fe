"""The pace of a channel: what is learned of its arrivals, and when its next poll pays most."""
