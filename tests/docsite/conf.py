"""The settings of Sphinx for the documentation site. tests/tools/docs.py starts it."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

project = "openshift_v2.apps"
author = "The openshift_v2.apps maintainers"
project_copyright = "The openshift_v2.apps maintainers"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
html_theme = "furo"
html_title = "OpenShift v2 applications"
html_copy_source = False
# Links to headings have the same form as on GitHub.
myst_heading_anchors = 4

#: Where the pages of plugins link to Ansible's own documentation. Sphinx's intersphinx would download an index.
ANSIBLE = "https://docs.ansible.com/ansible/latest"
ANSIBLE_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "playbooks_keywords": "reference_appendices/playbooks_keywords.html",
}
ANSIBLE_PLUGIN = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+?_\w+?)(?:__.*)?\Z")


def link_to_ansible(_app: Any, _env: Any, node: Any, text: Any) -> Any:
    """The link for a reference to Ansible's documentation; ``None`` for any other: Sphinx then warns."""
    label = str(node.get("reftarget", ""))
    plugin = ANSIBLE_PLUGIN.match(label)
    page = f"collections/ansible/builtin/{plugin[1]}.html" if plugin else ANSIBLE_PAGES.get(label)
    if page is None:
        return None
    return nodes.reference("", "", text, internal=False, refuri=f"{ANSIBLE}/{page}")


def setup(app: Any) -> None:
    app.connect("missing-reference", link_to_ansible)
