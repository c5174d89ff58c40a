"""Thousands of sockets in one process."""

import resource


def many_descriptors() -> int:
    """Raise the soft limit of open files to the hard one; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
