"""Phys-AD's PAEval (section 4.3): classification, description, explanation."""
