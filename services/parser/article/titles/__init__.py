"""The title of an article, told apart from kickers and names of the site."""
