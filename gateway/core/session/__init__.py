"""The memory of one station: its legs, exchanges and bindings. Read session.py first."""
