"""What a network receives of a picture: its value range, channel order and size, and the likely mistakes."""
