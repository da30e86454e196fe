"""Ways out: each takes a batch of events, in order, and returns when the other side has them."""
