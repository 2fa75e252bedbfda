"""Work of one kind shared out over the processors that there are. Who breaks off, by Ctrl-C or killed, leaves no process behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


@contextmanager
def shared_out(
    work: Callable[[Job], Done], most: int, workers: int | None = None, progress: Callable[[], None] = lambda: None
) -> Iterator[Callable[[Sequence[Job]], list[Done]]]:
    """What does so many jobs at a time, in their order, however many processes share them; `progress` is called as each is done.

    Processes are given the work once, and each job as it comes: what is large belongs to the work. One alone is this one.
    """
    workers = min(workers or os.cpu_count() or 1, most)
    if workers == 1:
        yield lambda jobs: [_told(work(job), progress) for job in jobs]
        return
    with _pool(workers, work) as pool:

        def each(jobs: Sequence[Job]) -> list[Done]:
            running = {pool.submit(_one, job): number for number, job in enumerate(jobs)}
            found = {running[done]: _told(done.result(), progress) for done in as_completed(running)}
            return [found[number] for number in range(len(jobs))]

        yield each


def _told(done: Done, progress: Callable[[], None]) -> Done:
    progress()
    return done


@contextmanager
def _pool(workers: int, work: Callable[[Any], Any]) -> Iterator[ProcessPoolExecutor]:
    """Processes that know the work. Whoever breaks off waits for none of them."""
    context = get_context("forkserver")
    module = getattr(work, "func", work).__module__  # imported once by the process that the others are forked from
    context.set_forkserver_preload(["__main__", module])
    pool = ProcessPoolExecutor(workers, context, _begin, (work,))
    try:
        yield pool
    except BaseException:
        processes = list((pool._processes or {}).values())  # the way that there is before Python 3.14
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        raise
    pool.shutdown()


_work: Callable[[Any], Any] | None = None


def _begin(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one(job: Any) -> Any:
    assert _work is not None
    return _work(job)
