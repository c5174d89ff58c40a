"""What a process has used: CPU time of all its threads, and resident memory, from /proc."""

from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, in nanosecond resolution; threads that ended do not count."""
    total_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total_ns += int((task / "schedstat").read_text().split()[0])
    return total_ns / 1e9


def resident_bytes(pid: int) -> int:
    """Resident set of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} shows no memory")
