"""Many patches on one picture: only what a patch can reach is computed anew."""
