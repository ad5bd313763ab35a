"""Makes a case that shows a finding small: the fewest lines, and then the fewest options, that still show it.
SPDX-License-Identifier: MIT
"""
import time


def smallest(case, shows, seconds):
    """shows(case) tells whether the finding is still there. Halves, quarters, and so on of the lines are taken out (delta debugging,
    Zeller and Hildebrandt 2002) until none can go, or the time is over."""
    end = time.monotonic() + seconds
    lines, part = list(case.lines), 2
    while len(lines) >= 2 and time.monotonic() < end:
        size = max(1, len(lines) // part)
        for start in range(0, len(lines), size):
            fewer = lines[:start] + lines[start + size:]
            if time.monotonic() > end:
                break
            if fewer and shows(case.smaller(fewer)):
                lines, part = fewer, max(2, part - 1)
                break
        else:
            if size == 1:
                break
            part = min(len(lines), part * 2)
    return case.smaller(lines)
