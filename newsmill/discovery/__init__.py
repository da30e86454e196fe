"""`newsmill add`: what a user names -> a look at each site -> a report -> declarations of sites and channels."""
