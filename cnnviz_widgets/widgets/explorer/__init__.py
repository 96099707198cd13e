"""The Explorer: one image, one method, every layer."""
