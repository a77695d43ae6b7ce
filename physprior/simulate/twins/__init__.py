"""One file a category: its mechanics and its looks, ending in ``TWIN``."""
