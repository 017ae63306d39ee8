"""AWS in this process: accounts and organizations to declare, handshakes to send, the function to invoke."""
