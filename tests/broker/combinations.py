"""Which cartridges an application may combine."""

from __future__ import annotations

from . import errors
from .catalog import Cartridge


def check_combination(chosen: list[Cartridge], present: list[Cartridge], name: str, scalable: bool) -> None:
    """Refuse cartridges that must not be combined with each other or with the present ones."""
    by_base: dict[str, str] = {}
    for cartridge in chosen:
        if cartridge.base_name in by_base:
            text = f"{cartridge.name} cannot co-exist with {by_base[cartridge.base_name]} in the same application"
            raise errors.unprocessable(text, 136, "cartridge")
        by_base[cartridge.base_name] = cartridge.name
        _check_against(cartridge, present)
        if cartridge.web_proxy and not scalable:
            text = (
                f"{cartridge.name} cannot be added to existing applications. It is automatically added when you "
                "create a scaling application."
            )
            raise errors.unprocessable(text, 137, "cartridge")
    if sum(cartridge.web_framework for cartridge in [*chosen, *present]) > 1:
        text = f"You can only have one web cartridge in your application '{name}'."
        raise errors.unprocessable(text, 109, "cartridge")


def _check_against(cartridge: Cartridge, present: list[Cartridge]) -> None:
    for other in present:
        if other.name == cartridge.name:
            raise errors.unprocessable(f"{cartridge.name} already exists in your application", 136, "cartridge")
        if other.base_name == cartridge.base_name:
            text = f"{cartridge.name} cannot co-exist with cartridge {other.name} in your application"
            raise errors.unprocessable(text, 136, "cartridge")
