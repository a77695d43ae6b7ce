"""An OpenAI-compatible judge of explanations: what it is asked, and what it replies."""
