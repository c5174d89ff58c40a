"""What a process has used: CPU time of all its threads, and resident memory, from /proc."""

from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, in nanosecond resolution; threads that ended do not count."""
    return sum(_of_task(task) for task in Path(f"/proc/{pid}/task").iterdir())


def main_thread_seconds(pid: int) -> float:
    """The part of it that the main thread has used."""
    return _of_task(Path(f"/proc/{pid}/task/{pid}"))


def _of_task(task: Path) -> float:
    return int((task / "schedstat").read_text().split()[0]) / 1e9


def resident_bytes(pid: int) -> int:
    """Resident set of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} shows no memory")
