"""Whose configuration a router has, and what must not be replaced."""

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import damaged_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import (
    FOREIGN,
    NONE,
    OURS,
    PACKAGE,
    Present,
    joined,
    takeover_refusal,
)

MARK = "openshift_v2.apps.app_router"
PATH = "/etc/haproxy/haproxy.cfg"
CONTENT = "global\n    # für alle\n".encode()


@pytest.mark.parametrize(
    ("content", "origin"),
    [
        (b"", NONE),
        (b"\n  \n", NONE),
        (b"# a note\n\n   # another\n", NONE),
        (b"# Made by the role openshift_v2.apps.app_router: what is changed here is lost.\nglobal\n", OURS),
        (b"#openshift_v2.apps.app_router, of a later version\r\nglobal\r\n", OURS),
        (b"global\n# openshift_v2.apps.app_router\n", FOREIGN),
        (b"global openshift_v2.apps.app_router\n", FOREIGN),
        (b"\xff\xfe global\n", FOREIGN),
        (CONTENT, FOREIGN),
    ],
)
def test_whose_it_is(content: bytes, origin: str) -> None:
    assert Present(content, (PATH,), MARK).origin == origin


def test_without_a_mark_all_is_ones_own() -> None:
    assert Present(CONTENT).origin == OURS
    assert Present(b"").origin == NONE


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("suffix", ["", " obsolete"])
def test_the_packages_file_is_known_by_its_checksum(algorithm: str, suffix: str) -> None:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    packaged = ("/etc/other d41d8cd98f00b204e9800998ecf8427e", f" {PATH} {digest.upper()}{suffix}", "", "odd")
    assert Present(CONTENT, (PATH,), MARK, packaged).origin == PACKAGE
    assert Present(CONTENT, ("/srv/haproxy.cfg", PATH), MARK, packaged).origin == PACKAGE
    assert Present(CONTENT + b"\n", (PATH,), MARK, packaged).origin == FOREIGN
    assert Present(CONTENT, ("/srv/haproxy.cfg",), MARK, packaged).origin == FOREIGN


def test_a_foreign_configuration_is_only_taken_over_on_request() -> None:
    foreign = Present(CONTENT, (PATH,), MARK)
    refused = takeover_refusal(foreign, takeover=False)
    assert refused.startswith(PATH)
    assert "app_router_takeover: true" in refused
    assert takeover_refusal(foreign, takeover=True) == ""
    assert takeover_refusal(Present(b"", (PATH,), MARK), takeover=False) == ""
    assert joined([refused, "", "And this."]) == f"{refused} And this."


def test_masked_data_is_found() -> None:
    data = {
        "applications": [
            {"name": "shop", "domain": "acme"},
            {"name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "endpoints": [{"address": "10.0.********"}]},
            {"ha_********": True, "gears": 3, "url": None},
        ]
    }
    assert list(damaged_values(data)) == [
        "applications[1].name",
        "applications[1].endpoints[0].address",
        "applications[2] (the name of a field)",
    ]
    assert list(damaged_values([{"name": "* *** *******"}])) == []
