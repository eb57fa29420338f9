"""Figures of several rounds: the medians, and the ratios between them."""

import os
import platform
import statistics
import subprocess
from pathlib import Path


class Rounds:
    """Collects rates of contestants over rounds.

    Args:
        reference: The contestant that the others are compared with.
    """

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._rates: dict[str, list[float]] = {}
        self._remarks: dict[str, str] = {}

    def add(self, name: str, rate: float) -> None:
        """Note the rate of a contestant in one round."""
        self._rates.setdefault(name, []).append(rate)

    def remark(self, name: str, text: str) -> None:
        """Note why a contestant has no rate, or has none in one of the rounds."""
        self._remarks[name] = text
        self._rates.setdefault(name, [])

    def median(self, name: str) -> float | None:
        """The middle of a contestant's rates; None if it has none."""
        rates = self._rates.get(name)
        return statistics.median(rates) if rates else None

    def ratio(self, name: str) -> float:
        """How many times as fast the reference is: the middle of the ratios of each round.

        Load that comes and goes changes both rates of a round, and their ratio little.
        """
        ours, theirs = self._rates[self._reference], self._rates[name]
        if len(ours) != len(theirs):
            return statistics.median(ours) / statistics.median(theirs)
        return statistics.median(own / other for own, other in zip(ours, theirs, strict=True))

    def lines(self, unit: str) -> list[str]:
        """The table, in Markdown."""
        lines = [f"| | {unit} | rounds | {self._reference} is |", "|---|---:|---|---:|"]
        for name, rates in self._rates.items():
            median = self.median(name)
            if median is None:
                lines.append(f"| {name} | {self._remarks.get(name, 'not measured')} | | |")
                continue
            each = " ".join([*(f"{rate:.0f}" for rate in rates), self._remarks.get(name, "")])
            lines.append(
                f"| {name} | {median:.1f} | {each.strip()} | {self.ratio(name):.2f} times |"
            )
        return lines


def machine() -> str:
    """What it was measured on, in a line."""
    information = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in information if "model name" in line), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    exiftool = subprocess.run(["exiftool", "-ver"], capture_output=True, text=True, check=False)  # noqa: S607 - of the system
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} of {model}, {memory:.0f} GB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, ExifTool {exiftool.stdout.strip() or 'absent'}, "
        f"load {load}"
    )
