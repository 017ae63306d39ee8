"""The sweep of an organization before there is one: its time, its calls, its limits and its costs. Pure."""
