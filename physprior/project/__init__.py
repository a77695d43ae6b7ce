"""A project: one folder with a KB, templates, a recipe and videos of one's own."""
