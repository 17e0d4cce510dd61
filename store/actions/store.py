"""The handle, where actions are imported from."""

from store.handle import Store

__all__ = ["Store"]
