"""The health of what is followed: whether a site is silent, fails or has changed, each as one alert with its evidence."""
