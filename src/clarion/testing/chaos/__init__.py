"""Real processes under real faults: what was accepted arrives, and arrives once.

`python -m clarion.testing.chaos --help`; the page is docs/subsystems/chaos.md.
"""
