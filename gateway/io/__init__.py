"""The only code that awaits: sockets, timers and the pump that feeds sessions.

`pump.py` is the middle: it feeds one station's session and carries out what comes back, in order.
`station_ws.py` is the face that stations connect to, `csms_ws.py` the face that dials the CSMS;
both make a `link.Link`, one live WebSocket. The small modules beside them hold one rule each.
"""
