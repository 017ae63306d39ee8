"""Answers the AWS Organizations handshakes that an account has received, by a compiled policy."""
