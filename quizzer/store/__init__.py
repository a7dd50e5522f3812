"""What is kept: the only place of engine, session, SQL and commit.

`db` opens the database, `tables` says what is in it, the query modules hand out domain values.
"""
