"""The tests; a package, so that no other one called tests can stand in for it."""
