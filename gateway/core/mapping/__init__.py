"""Verb 3, payload to payload: maps written in YAML, checked against the schemas, compiled.

Read `rows.py` (maps as written), then `model.py` (maps as used). In between: `loader.py` reads the
text (`forms.py`), `checker.py` compares with the message schemas (`scope_check.py`, `coverage.py`,
`conflicts.py`), `compiler.py` makes functions (`codegen.py` scopes, `blockcode.py` blocks,
`rowcode.py` rows, `waycode.py` conversions; `runtime.py` is what they call). Conversions are in
`functions.py` and `metering.py`, what procedures compute in `states.py`, what a translation may ask
of its session in `context.py`. `trace.py` explains, `examples.py` makes the examples runnable;
`maps.py` does it all.
"""
