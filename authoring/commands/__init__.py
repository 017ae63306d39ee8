"""The sub-commands of `responder`, one module each: arguments, streams and exit status. The work stands elsewhere."""
