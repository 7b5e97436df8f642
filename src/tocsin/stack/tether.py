"""Become a command that dies with its parent: `python -I -S tether.py PARENT_PID COMMAND...`.

Linux alone has the means (prctl(2), PR_SET_PDEATHSIG); elsewhere the command is run as it is.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, command: list[str]) -> None:
    """Replace this process by *command*, unless *parent* has gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}.")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
