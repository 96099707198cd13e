"""The FeatureMapBrowser: the collage of a layer's maps, and each map close up."""
