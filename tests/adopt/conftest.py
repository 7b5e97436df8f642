"""The project of the command line's tests, in which modules are imported into too."""

from tests.cli.conftest import project, tocsin

__all__ = ["project", "tocsin"]
