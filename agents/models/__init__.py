"""Language models behind one port: one request on the wire per call, priced before it is sent, never retried."""
