"""Markdown files to banks and lessons, with every complaint on its line (docs/format.md)."""
