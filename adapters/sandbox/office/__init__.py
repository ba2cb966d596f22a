"""A stand-in for an office that exchanges CSV files; FORMAT.md is its description."""
from .system import OfficeSystem as System

__all__ = ["System"]
