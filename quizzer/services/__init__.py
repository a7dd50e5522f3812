"""One module per use case. They take the session and the clock as arguments and know no Flask."""
