"""The scheduler and the courier in one process: `python -m newsmill.local.light_services`.

Both wait most of the time, and a process takes 40 MB of its own before it does anything.
"""

import sys
from threading import Event, Thread
from typing import Any


def main() -> None:
    """Runs until told to stop: the scheduler in the main thread, whose signals Celery handles, the courier beside it."""
    # Imported here, since the processes in which the courier notifies import this module, too.
    from celery import signals  # noqa: PLC0415

    from services.courier.settings import CourierSettings  # noqa: PLC0415
    from services.courier.worker import Courier  # noqa: PLC0415
    from services.scheduler import worker as scheduler  # noqa: PLC0415
    from shared.errors import SettingsError  # noqa: PLC0415
    from shared.settings import load  # noqa: PLC0415

    try:
        courier = Courier(load(CourierSettings))
    except SettingsError as error:
        sys.exit(str(error))
    stopped = Event()
    thread = Thread(target=courier.run, args=(stopped,), name="courier")

    def start(**_: Any) -> None:
        thread.start()

    signals.worker_ready.connect(start, weak=False)
    try:
        scheduler.main(courier.collectors, lambda: thread.is_alive() or not thread.ident)
    finally:
        # The process ends when the courier has ended its last step.
        stopped.set()


if __name__ == "__main__":
    main()
