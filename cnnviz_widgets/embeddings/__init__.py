"""What a network calls similar: pairs compared by their codes, the codes of many pictures, and their neighbours."""
