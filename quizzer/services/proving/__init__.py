"""Proofs: what an author claims is run in the jail, and compared outside with what is ticked."""
