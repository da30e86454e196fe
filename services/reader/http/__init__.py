"""What stands between a socket and the reader's routes: time-outs, the head, the token, the body, places and threads."""
