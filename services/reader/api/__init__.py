"""The API: /v1, a module for each subject. What it answers with is made in queries/."""
