"""Message logs of any tool, read line by line into frames, and written in the project's formats.

One way through: `opening` gives lines of whatever holds them, `reader` asks `shapes` what each line
is and gives `Entry`s, `conversation` tells who sent what and which answer belongs to which call,
`findings` collects what was wrong. Nothing is read twice, nothing is kept but what is still open.
SOAP becomes frames of 1.6 JSON as it is read (`envelopes`), and envelopes again as it is put out.

Adding a line shape: one entry in `shapes.py`, and a golden file beside the others in
tests/logs/golden. Shapes that take several lines for one frame are in `blocks.py`.
"""
