"""REHEARSES: behaviour into series, which promtool judges by the rules as they are written."""
