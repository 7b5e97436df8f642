"""SHOWS: pages over HTTP interfaces only, for what runs, rings and was proven."""
