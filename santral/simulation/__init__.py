"""A contact centre tried out: the decisions of production, over arrivals and agents that are drawn or were recorded."""
