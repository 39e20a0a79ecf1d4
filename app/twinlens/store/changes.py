"""Which photos changed, so that what was made of all others can be kept. Over an open connection.

Triggers note it with every write, whoever writes: this process, or another one beside it.
"""

import json
import sqlite3

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]


def since(connection: sqlite3.Connection, seq: int) -> tuple[int, Ids]:
    """Return what the database has come to, and the photos that changed after `seq`, sorted.

    A photo changes when a file of it comes, goes, moves or is written to, when it loses its last
    file or gets one back, and with its descriptors. Some that changed before may be among them.
    """
    now, text = connection.execute(
        "SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'seq'), json_group_array(id)"
        " FROM (SELECT photo_id AS id FROM changes WHERE seq >= ? ORDER BY id)",
        (seq,),
    ).fetchone()
    return int(now), np.array(json.loads(text), dtype=np.int64)
