"""Messages for people: what the events on the bus become."""
