"""The OcclusionExplorer: a patch that covers, slides and is dragged."""
