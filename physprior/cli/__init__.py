"""The command line: one file a command or group; heavy rooms are reached inside the commands."""

from __future__ import annotations
