"""The alarms of services/storage/health in a simulated year of many kinds of sites."""
