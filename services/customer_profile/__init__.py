"""Who a customer is, and what they buy."""
