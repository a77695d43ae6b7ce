"""Edits of what a person wrote: spans are replaced, and every other byte stays."""
