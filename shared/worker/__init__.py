"""A service as a process: Celery with our delivery settings, that pauses when it should and ends when it is stuck."""
