"""Benchmarks that are no part of the program: `python -m bench.scanning`."""
