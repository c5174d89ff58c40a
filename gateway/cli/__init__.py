"""The `ocpp-gateway` command: one module a subcommand."""
