"""What a customer may like next."""
