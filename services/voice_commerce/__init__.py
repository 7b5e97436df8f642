"""Orders by voice."""
