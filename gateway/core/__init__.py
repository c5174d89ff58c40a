"""The pure core: bytes in, effects out.

bytes -> decode -> Frame -> check -> map -> Frame(s) -> check -> encode -> bytes

Nothing in here awaits, reads a clock or a file, or draws chance: `now` and ids are arguments.
Read `frames.py`, then `session/session.py`, then one file of `mappings/`.
"""
