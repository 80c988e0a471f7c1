# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What more or fewer web gears do to an application and its HAProxy instances, and how to describe it. Pure."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import HA_MINIMUM, Application
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_gears


def resize(app: Application, web_gears: int) -> Application:
    return grow(app, web_gears) if web_gears > app.web_gears else shrink(app, web_gears)


def grow(app: Application, web_gears: int) -> Application:
    """The application with new gears. Under HA, they get HAProxy instances until there are two.

    The count is a lower bound: a broker with a multiplier adds more, and its API does not show the multiplier.
    """
    missing = max(0, HA_MINIMUM - app.haproxy_count) if app.ha else 0
    return app.with_web_gears(web_gears, app.haproxy_count + min(web_gears - app.web_gears, missing))


def shrink(app: Application, web_gears: int) -> Application:
    """The application with fewer gears. The broker first removes surplus HAProxy instances (HA keeps 2, otherwise 1).

    The count is a lower bound: a broker with a multiplier keeps more.
    """
    surplus = max(0, app.haproxy_count - (HA_MINIMUM if app.ha else 1))
    return app.with_web_gears(web_gears, app.haproxy_count - min(app.web_gears - web_gears, surplus))


def describe_scaling(before: Application, after: Application) -> str:
    direction = "up" if after.web_gears > before.web_gears else "down"
    change = f"from {count_gears(before.web_gears)} to {after.web_gears}"
    return f"scale {direction} {change}{describe_haproxy_change(before, after)}"


def describe_haproxy_change(before: Application, after: Application) -> str:
    """The change in words. Under HA a loss is not shown, because the predicted count is only a lower bound."""
    lost = after.haproxy_count < before.haproxy_count
    if after.haproxy_count == before.haproxy_count or (lost and after.ha):
        return ""
    return f" (HAProxy {before.haproxy_count} -> {after.haproxy_count})"
