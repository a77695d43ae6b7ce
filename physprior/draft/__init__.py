"""Drafts: a model proposes sentences of an entry, and a person decides."""
