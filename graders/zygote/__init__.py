"""What runs inside the sandbox before and around a submission, and tells nobody's answers.

`forking` imports torch once and forks a locked one-shot worker per request; `solo` becomes such a
worker itself. `walls` are what both lock themselves into, `serving` what a worker then does.
The parent's half of this is `graders.jail`.
"""
