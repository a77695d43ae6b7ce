"""The model as training and prediction both see it: frames, tokens, checkpoint, label scores.

Here torch begins; nothing above this room imports it when it is loaded.
"""

from __future__ import annotations
