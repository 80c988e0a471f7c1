# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which strings Ansible may evaluate as templates. No version of Ansible evaluates text from a broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Treatment = Callable[[str], Any]
try:
    from ansible.template import trust_as_template
except ImportError:
    # ansible-core 2.18 and older evaluates every string that is not marked as unsafe. It also turns the result of a
    # template into a list or a number if it looks like one.
    from ansible.utils.unsafe_proxy import wrap_var

    _plain: Treatment = str.__str__
    _unsafe: Treatment = wrap_var
    AS_TEXT: dict[str, Any] = {"convert_data": False}
else:
    # ansible-core 2.19 and newer evaluates trusted strings only, and exports all others as unsafe.
    _plain = trust_as_template
    _unsafe = str.__str__
    #: Arguments of ``Templar.template`` that keep a result as the text that it is.
    AS_TEXT = {}

#: A string with one of these may be a template. A header of the last kind defines delimiters of its own.
TEMPLATE_MARKS = ("{{", "{%", "{#", "#jinja2:")


def may_be_template(text: str) -> bool:
    """Whether any version of Ansible may evaluate the text as a template."""
    return any(mark in text for mark in TEMPLATE_MARKS)


def protect(value: Any) -> Any:
    """The value with every string that may be a template marked as unsafe, and every other one as plain text."""
    return _treat(value, plain=_plain, suspect=_unsafe)


def unmark_plain(value: Any) -> Any:
    """The value with every string that is no template as plain text. Other strings keep the marks from Ansible."""
    return _treat(value, plain=_plain, suspect=lambda text: text)


def unmark(value: Any) -> Any:
    """The value with every string as an ordinary string."""
    return _treat(value, plain=str.__str__, suspect=str.__str__)


def _treat(value: Any, plain: Treatment, suspect: Treatment) -> Any:
    """Treat every string in the value: ``suspect`` those that may be templates, ``plain`` all others."""
    if isinstance(value, str):
        return suspect(value) if may_be_template(value) else plain(str.__str__(value))
    if isinstance(value, Mapping):
        return {key: _treat(item, plain, suspect) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_treat(item, plain, suspect) for item in value]
    return value
