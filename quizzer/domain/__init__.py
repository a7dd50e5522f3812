"""Frozen values and pure functions: no Flask, no SQL, no torch, no clock, no files."""
