"""The HTTP API, plain pages, status and health. It takes triggers and reports of images, and writes no table but accounts and the audit."""
