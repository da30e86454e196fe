"""Brings what is stored to those who wait for it: takes events from the log in the database and sends them on the ways out
that the settings name. Reads the database; writes how far it has got."""
