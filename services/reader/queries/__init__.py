"""The SQL behind the API, the pages and the command line, a module for each subject."""
