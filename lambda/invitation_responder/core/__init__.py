"""What is decided and what follows from it, as values. Pure: no AWS, no environment, no clock."""
