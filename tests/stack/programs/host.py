"""A supervisor for tests: keeps one part in the folder it is given, and prints the part's pid."""

import asyncio
import pathlib
import sys

from tocsin.stack.part import Part, PartState
from tocsin.stack.supervisor import Supervisor


def tell(state: PartState) -> None:
    if state.health == "healthy":
        sys.stdout.write(f"{state.pid}\n")
        sys.stdout.flush()


async def main(folder: pathlib.Path) -> None:
    command = (sys.executable, "-c", "import signal; signal.pause()")
    await Supervisor([Part(name="part", command=command, folder=folder)], logs=folder, notice=tell).start()
    await asyncio.Event().wait()


asyncio.run(main(pathlib.Path(sys.argv[1])))
