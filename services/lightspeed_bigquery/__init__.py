"""Sales from Lightspeed to the warehouse."""
