"""The similarity explorer: pictures whose codes are alike, and what in them makes them so."""
