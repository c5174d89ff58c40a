"""Verbs two and four: is this payload what the standard says, and if not, what is wrong."""
