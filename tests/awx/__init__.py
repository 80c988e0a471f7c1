"""A stand-in of AWX for the tests of awx_setup.yml: the part of its API that the modules of awx.awx use, and its rules.

The rules are those of AWX 24.6.1: which fields a resource has, which it asks for, what must be unique, what it refuses,
what it hides. Nothing runs here: jobs, schedules and workflows are kept, not started.
"""

from __future__ import annotations

from .standin import StandIn

__all__ = ["StandIn"]
