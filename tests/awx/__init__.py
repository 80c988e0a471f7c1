"""A stand-in for AWX, for the tests of awx_setup.yml: the part of its API that the playbook uses.

It follows the rules of AWX 24.6.1: the fields of each resource, required and unique values, refusals, hidden secrets.
It stores jobs, schedules and workflows, and never starts them.
"""

from __future__ import annotations

from .standin import StandIn

__all__ = ["StandIn"]
