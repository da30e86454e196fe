"""The courier: hands on what is stored."""
