"""One method a file; a file put into this folder registers itself, and calling the folder lists them all."""

import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from ..method import Method, generators
from ..method import methods as _registered_methods

__all__ = ["generators"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


class _Listing(ModuleType):
    """A module that can be called, so that ``cnnviz.methods()`` and the folder ``methods`` can share a name."""

    def __call__(self) -> dict[str, type[Method]]:
        """Return all registered methods by label, in the order of the families."""
        return _registered_methods()


sys.modules[__name__].__class__ = _Listing
