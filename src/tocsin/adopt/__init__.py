"""ADOPTS: the rules of others in, declarations out. Pure."""

from tocsin.adopt.left import Left
from tocsin.adopt.module import UNNAMED, Adopted, adopt

__all__ = ["UNNAMED", "Adopted", "Left", "adopt"]
