"""An article from a page: what the page declares, checked against what it shows."""
