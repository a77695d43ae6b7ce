"""A report as files for other programs: JSON, CSV, LaTeX, Markdown."""
