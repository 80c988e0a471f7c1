"""What the workflow of a broker makes of a night, by the rules of AWX."""

from __future__ import annotations

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.brokers import EDGES, NODES


def run_night(failing: set[str]) -> tuple[list[str], str]:
    """The nodes that ran, and the status of the workflow. It fails if a node failed and has no successor for that."""
    ran, node, status = [], "audit", "successful"
    while node:
        ran.append(node)
        kind, successor = EDGES.get(node, ("", ""))
        if node in failing and kind not in ("failure_nodes", "always_nodes"):
            status = "failed"
        taken = {"success_nodes": node not in failing, "failure_nodes": node in failing, "always_nodes": True}
        node = successor if taken.get(kind, False) else ""
    return ran, status


@pytest.mark.parametrize(
    ("failing", "last", "status"),
    [
        (set(), "drift", "successful"),
        ({"audit"}, "audit", "failed"),
        ({"drift"}, "drift again", "successful"),
        ({"drift", "approval"}, "approval", "failed"),
        ({"drift", "enable"}, "drift again", "successful"),
        ({"drift", "enable", "drift again"}, "drift again", "failed"),
        ({"drift", "audit again"}, "audit again", "failed"),
    ],
    ids=["no drift", "could not observe", "repaired", "denied", "repaired late", "not repaired", "lost the broker"],
)
def test_the_workflow_fails_only_if_something_is_left_to_do(failing: set[str], last: str, status: str) -> None:
    ran, result = run_night(failing)
    assert (ran[-1], result) == (last, status)
    assert ("enable" in ran) == (last in ("drift again", "audit again"))


def test_every_node_is_connected_once() -> None:
    successors = [successor for _kind, successor in EDGES.values()]
    assert sorted(["audit", *successors]) == sorted(NODES)
