"""What a catalog costs, as text and as JSON, by a table of prices that anybody may edit."""
