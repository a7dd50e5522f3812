"""What is kept: the only place of engine, session, SQL and commit.

`db` opens the database, `tables` says what is in it, the query modules hand out domain values.
"""

# Whoever asks for the tables' metadata gets all of them.
import quizzer.store.help_tables
import quizzer.store.item_tables  # noqa: F401
