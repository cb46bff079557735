"""TF Serving's REST protocol: messages, a client for any server that speaks it, a server where it is missing."""
