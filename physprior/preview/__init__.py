"""The preview of an entry: its dialogues with where each sentence stands, and the page of it."""
