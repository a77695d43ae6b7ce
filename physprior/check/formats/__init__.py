"""The forms in which a check is shown: for people, for programs, and for what CI displays.

A form is a module with ``render(result, …) -> str``, imported when it is asked for: a check on the
command line loads no other.
"""
