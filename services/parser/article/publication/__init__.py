"""When an article was published: of all dates of its page, the publication's."""
