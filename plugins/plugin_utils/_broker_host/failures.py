# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explain why a program on a broker host failed, from its exit status and words of its output. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import MAX_QUOTED, ScriptResult

#: Exit status, words of the output, advice, ``certain`` and ``everywhere`` of a failure. The first match counts.
KnownFailure = tuple[int, str, str, bool, bool]

BECOME = "The program needs root to read the broker's configuration: use become."
LOGS = "See the broker's logs in /var/log/openshift/broker on that host."
#: Failures of every program of the broker.
COMMON: tuple[KnownFailure, ...] = (
    (126, "", "Check the option command and the mode of the file, and whether the program needs become.", True, True),
    (
        127,
        "oo-ruby",
        "Check that the host is a broker host: the broker's Ruby (oo-ruby) is not installed there.",
        True,
        True,
    ),
    (
        127,
        "",
        "Check that the host is a broker host: the package openshift-origin-broker-util contains the program. If it is "
        "in another place, set the option command.",
        True,
        True,
    ),
)


@dataclass(frozen=True)
class ProgramFailure:
    """Why the program failed.

    ``advice``: the next step. ``certain``: it is certain that nothing was changed. ``everywhere``: the failure would
    be the same for every account. ``unfinished``: the end of the program was not received, so it may still run.
    ``lost``: the connection was lost.
    """

    text: str
    advice: str
    certain: bool = True
    everywhere: bool = False
    unfinished: bool = False
    lost: bool = False

    def __str__(self) -> str:
        return f"{self.text} {self.advice}"


def explain_failure(result: ScriptResult, program: str, known: Sequence[KnownFailure], again: str) -> ProgramFailure:
    """Why the program failed, from its exit status and its output.

    ``again``: the next step if nothing else is known.
    """
    if result.lost:
        text = end(f"the connection to the broker host was lost: {squeeze(result.lost, MAX_QUOTED)}")
        return ProgramFailure(text, "Run again when the host is reachable.", certain=False, unfinished=True, lost=True)
    if not result.began:
        text = f"no command could run on the broker host: {excerpt(result)}"
        return ProgramFailure(text, "Check become, its password and the rules of sudo there.", everywhere=True)
    if result.status is None:
        text = f"{program} was interrupted, its end was not received: {excerpt(result)}"
        return ProgramFailure(text, again, certain=False, unfinished=True)
    return _explain_status(result, program, known, again)


def _explain_status(result: ScriptResult, program: str, known: Sequence[KnownFailure], again: str) -> ProgramFailure:
    status = result.status or 0
    text = f"{program} ended with exit status {status}: {excerpt(result)}"
    for its_status, words, advice, certain, everywhere in known:
        if status == its_status and words in result.message:
            return ProgramFailure(text, advice, certain, everywhere)
    if status > 128:
        text = f"{program} was ended by signal {status - 128}: {excerpt(result)}"
        return ProgramFailure(text, again, certain=False)
    return ProgramFailure(text, again, certain=False)


def excerpt(result: ScriptResult) -> str:
    """The output of the program in one line. The first lines of a Ruby error are the most useful ones."""
    return end(result.excerpt)


def end(text: str) -> str:
    """The text with the end of a sentence."""
    return text if text.endswith((".", "!", "…")) else f"{text}."
