"""A stand-in for a county's case and archive system; FORMAT.md is its description."""
from .system import ArchiveSystem as System

__all__ = ["System"]
