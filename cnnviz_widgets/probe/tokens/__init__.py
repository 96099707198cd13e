"""Tokens that are places of the picture: where they stand in a layer, and how they are found."""
