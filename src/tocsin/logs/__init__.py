"""KEEPS: what services say, in segments and Parquet; answers BigQuery SQL over both."""
