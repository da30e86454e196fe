"""Every door that takes foreign bytes, by name: test_doors.py and bench/fuzz.py try to break them."""

from tests.hostile.courier_doors import COURIER_DOORS
from tests.hostile.door import Door
from tests.hostile.file_doors import FILE_DOORS
from tests.hostile.page_doors import PAGE_DOORS
from tests.hostile.reader_doors import READER_DOORS
from tests.hostile.visitor_doors import VISITOR_DOORS
from tests.hostile.wire_doors import WIRE_DOORS

DOORS: dict[str, Door] = {**PAGE_DOORS, **WIRE_DOORS, **FILE_DOORS, **VISITOR_DOORS, **READER_DOORS, **COURIER_DOORS}
