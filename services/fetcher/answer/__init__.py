"""What an answer means, and which record of it is sent on."""
