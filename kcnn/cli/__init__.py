"""The command line: arguments in, one call, tables or JSON out."""
