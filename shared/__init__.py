"""What two services may share: the wire, the process and the schema. Never news logic."""

VERSION = "0.1.0"
