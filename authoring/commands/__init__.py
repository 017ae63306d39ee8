"""The sub-commands of `responder`, one module each: arguments, streams and exit status. Other rooms do the work."""
