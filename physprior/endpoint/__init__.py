"""An OpenAI-compatible endpoint: asked with patience, its replies as they came, its key kept."""
