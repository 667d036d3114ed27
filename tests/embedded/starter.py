"""A starter in a process of its own: `python -m tests.embedded.starter DATA [USER]` has a server, tells of it, and waits.

With a user it works as that one, once it has loaded what only root may read.
"""

import json
import os
import pwd
import sys
from pathlib import Path

import psycopg

from hub import embedded
from hub.embedded import binaries


def become(user: str) -> None:
    """Gives up root for good."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main(data: Path, user: str | None) -> None:
    """Has a server on that data, prints it as a line of JSON, and ends when its input does."""
    binaries.folder(None)
    if user:
        become(user)
    cluster = embedded.start(data)
    with psycopg.connect(cluster.conninfo("hub_owner", "postgres")) as connection:
        answer = connection.execute("SELECT 1").fetchone()
    told = {
        "port": cluster.port,
        "started_here": cluster.started_here,
        "answers": answer == (1,),
        "uid": os.getuid(),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
