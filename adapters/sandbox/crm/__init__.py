"""A stand-in for an advisers' CRM; openapi.yaml is its description."""
from .system import CrmSystem as System

__all__ = ["System"]
