"""Volumes and short videos: one slice is the picture, the others are held as they are."""
