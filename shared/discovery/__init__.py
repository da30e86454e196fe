"""What a look at a site has shown, and which of it is polled: `newsmill add` and the page that adds a site have it in common."""
