"""AWS in this process: organizations, accounts and handshakes for tests, and the function to invoke."""
