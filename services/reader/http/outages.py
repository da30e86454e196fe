"""The answer while the database or Redis is away, or a query takes too long."""

from fastapi import Request
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database.engine import is_overtime
from shared.errors import Unavailable

OUTAGES = (OperationalError, InterfaceError, PoolTimeout, RedisError, Unavailable)


def unavailable(_request: Request, error: Exception) -> JSONResponse:
    """Returns 503 with what does not answer."""
    if is_overtime(error):
        detail = "the query took too long: ask for less, or raise NEWSMILL_READER_QUERY_SECONDS"
        return JSONResponse({"detail": detail}, 503, headers={"Retry-After": "5"})
    part = "Redis" if isinstance(error, RedisError | Unavailable) else "the database"
    return JSONResponse({"detail": f"{part} does not answer; see /healthz"}, 503, headers={"Retry-After": "5"})
