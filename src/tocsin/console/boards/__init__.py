"""Grafana's dashboards as pages: JSON and answers in, what a panel shows out; only `screen` knows NiceGUI."""
