"""AWS on your machine: the handshake operations of AWS Organizations as a moto backend, and a handle on them."""
