"""AWS as the responder uses it: Organizations, the ledger in DynamoDB, the event bus."""
