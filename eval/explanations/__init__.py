"""How well a model's explanations say what the references of the true class say."""
