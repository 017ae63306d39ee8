"""The handshake operations of AWS Organizations, as a moto backend."""
