"""The inventory's cache: damaged, of another version, not readable, and with data that no file can hold as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.inventory_source import FakeBroker, Source, application, credentials
from tests.unit.strategies import HOSTILE

pytestmark = pytest.mark.any_release

#: What no name of an application or domain contains: it would lead to another path.
SEPARATORS = str.maketrans("", "", "/\\?#%;")
#: An application with each hostile part in each of its texts.
APPLICATIONS = [
    application(
        id=str(number),
        owner=f"o{text}",
        name=f"n{number}{text.translate(SEPARATORS)}",
        domain_id=f"d{text.translate(SEPARATORS)}",
        app_url=f"http://h{text}.example.com/",
    )
    for number, text in enumerate(HOSTILE)
]


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    domains = [{"name": app["domain_id"], "available_gears": 1, "members": app["members"]} for app in APPLICATIONS]
    with FakeBroker({"/applications": APPLICATIONS, "/domains": domains}) as broker:
        yield broker


@pytest.fixture
def source(tmp_path: Path, broker: FakeBroker) -> Source:
    return Source(tmp_path, broker.url, credentials())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def options(store: Path) -> dict[str, Any]:
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(store)}


def harmful(text: str) -> set[str]:
    """Characters that harm a terminal or a log. JSON and YAML escape others."""
    return {character for character in text if not character.isprintable() and character != "\n"}


def test_hostile_texts_do_not_poison_the_cache(source: Source, broker: FakeBroker, store: Path) -> None:
    constructed = {"keyed_groups": [{"key": "openshift_application.owner", "prefix": "by"}], "owner_gears": True}
    file = source.file(**options(store), **constructed, strict=True)
    fresh = source.run("ansible-inventory", "-i", file, "--list", "--export")
    assert broker.seen == ["/broker/rest/applications", "/broker/rest/domains"]
    assert len(fresh.hosts) == len(HOSTILE), fresh.stderr
    owners = {host["openshift_application"]["owner"] for host in fresh.hosts.values() if has_text(host)}
    assert {"o\x1b[31mred", "o\n2026-01-01 forged", r"o\ud800", "o\u202eexe.txt"} <= owners

    graph = source.run("ansible-inventory", "-i", file, "--graph")
    assert graph.rc == 0
    assert harmful(graph.stdout + graph.stderr) == set()
    assert "forged" not in {line.strip(" |-@:") for line in graph.stdout.splitlines()}

    cached = source.run("ansible-inventory", "-i", file, "--list", "--export")
    assert cached.document == fresh.document
    assert not cached.warns("The cache is not used")
    assert len(broker.seen) == 2


def has_text(host: dict[str, Any]) -> bool:
    """Whether the owner is plain text. A possible template is exported with a mark."""
    return isinstance(host["openshift_application"]["owner"], str)


def edit(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def apply(file: Path) -> None:
        content = json.loads(file.read_text(encoding="utf-8"))
        # Newer versions of Ansible wrap an entry.
        entry = json.loads(content["__payload__"]) if "__payload__" in content else content
        change(entry)
        wrapped = {**content, "__payload__": json.dumps(entry)} if "__payload__" in content else entry
        file.write_text(json.dumps(wrapped), encoding="utf-8")

    return apply


def replace_by_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "fewer applications": edit(lambda entry: entry["applications"].pop()),
    "cut": lambda file: file.write_bytes(file.read_bytes()[:-9]),
    "empty": lambda file: file.write_bytes(b""),
    "not UTF-8": lambda file: file.write_bytes(b"\xff\xfe\x00"),
    "a list": lambda file: file.write_text("[]", encoding="utf-8"),
    "null": lambda file: file.write_text("null", encoding="utf-8"),
    "the first version": edit(lambda entry: [entry.pop(key) for key in ("format", "warnings", "digest")]),
    "another version": edit(lambda entry: entry.update(format=99)),
    "masked": edit(lambda entry: entry["applications"][0].update(name="********")),
    "a directory": replace_by_directory,
}


@pytest.mark.parametrize(
    "damage", ["fewer applications", *(pytest.param(d, marks=pytest.mark.thorough) for d in list(DAMAGES)[1:])]
)
def test_a_damaged_cache_is_not_used(source: Source, broker: FakeBroker, store: Path, damage: str) -> None:
    first = source.list(**options(store))
    (file,) = store.iterdir()
    DAMAGES[damage](file)
    second = source.list(**options(store))
    assert second.document == first.document
    assert len(broker.seen) == 2
    # Older versions of Ansible report a file that they cannot open themselves.
    assert second.warns("The cache is not used: ") or damage == "a directory"
    assert second.stderr


def test_incomplete_data_is_read_again_each_time(tmp_path: Path, store: Path) -> None:
    broken = {**application(name="odd"), "gear_count": "many"}
    with FakeBroker({"/applications": [application(), broken]}) as broker:
        source = Source(tmp_path, broker.url, credentials())
        for run in (1, 2):
            listed = source.list(**options(store))
            assert len(broker.seen) == run
            assert listed.warns("Skipped 1 application with invalid data")
            assert list(listed.hosts) == ["shop-acme.example.com"]
            assert not listed.warns("The cache is not used")


def test_a_cached_run_repeats_its_warnings(source: Source, broker: FakeBroker, store: Path) -> None:
    for _run in (1, 2):
        listed = source.list(**options(store), select={"names": ["missing"]})
        assert listed.warns("select: no accessible application matches missing")
    assert len(broker.seen) == 1
