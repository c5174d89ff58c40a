"""Verbs one and five: bytes to frames, frames to bytes."""
