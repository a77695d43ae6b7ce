"""What an entry makes: its dialogues with the origin of each sentence, as text and as a page."""
