"""A pool of one-shot workers that wait in the sandbox, locked and warm.

A submission takes a worker, talks to it and throws it away; the next one gets another process. A
job thus needs no fork, no namespace and no import while somebody waits. A thread of the pool's
own keeps it filled: it starts the sandbox (which dies with the thread that started it) and a new
one whenever that has died.
"""

from graders.pool.keeping import Pool
from graders.pool.worker import MemoryDied, TimeLimit, Worker, WorkerDied

__all__ = ["MemoryDied", "Pool", "TimeLimit", "Worker", "WorkerDied"]
