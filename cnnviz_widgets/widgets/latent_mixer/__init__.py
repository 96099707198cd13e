"""The LatentMixer: walk between the codes of two pictures, change the code by hand, and see what is decoded."""
