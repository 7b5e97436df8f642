"""The teams that answer for the services."""

from tocsin import Team

DATA = Team(name="data", slack="#data-alerts")
COMMERCE = Team(name="commerce", slack="#commerce-alerts")
STOREFRONT = Team(name="storefront", slack="#storefront-alerts")
