"""The channels of a site: its home page -> candidates -> what a look at each shows -> those that are polled."""
