"""Declare once what each service promises; every alarm is proven to ring."""
