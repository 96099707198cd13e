"""The ImageGenerator: pictures that a network dreams up, while one watches."""
