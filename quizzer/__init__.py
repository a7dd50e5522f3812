"""Quizzer: learn PyTorch by answering and by coding."""
