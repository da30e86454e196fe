"""Records as an Apache Parquet file: times as timestamps, lists as lists, what is nested as JSON text."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel

# Rows in a row group: readers take one at a time, and so does memory.
GROUP = 5000
INSTANT = pa.timestamp("us", tz="UTC")
_TYPES: Mapping[Any, pa.DataType] = {
    str: pa.string(), int: pa.int64(), bool: pa.bool_(), datetime: INSTANT, tuple[str, ...]: pa.list_(pa.string()),
}  # fmt: skip


def write(records: Iterable[dict[str, Any]], model: type[BaseModel], path: Path) -> int:
    """Writes records of a model, each with the name of its source, and returns how many there were."""
    types = {name: _type(field.annotation) for name, field in model.model_fields.items() if not field.exclude}
    schema = pa.schema([*types.items(), ("source", pa.string())])
    rows, source = 0, iter(records)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(source, GROUP)):
            columns = {
                name: [_value(record.get(name), schema.field(name).type) for record in group] for name in schema.names
            }
            writer.write_table(pa.table(columns, schema=schema))
            rows += len(group)
    return rows


def _type(annotation: Any) -> pa.DataType:
    """Returns the type of a column; text, if it is neither plain nor a list of texts."""
    if annotation in _TYPES:
        return _TYPES[annotation]
    options = [option for option in get_args(annotation) if option is not NoneType]
    return _TYPES.get(options[0], pa.string()) if len(options) == 1 else pa.string()


def _value(value: Any, kind: pa.DataType) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if kind == INSTANT:
        return datetime.fromisoformat(value)
    return value if isinstance(value, str) or pa.types.is_list(kind) else json.dumps(value, ensure_ascii=False)
