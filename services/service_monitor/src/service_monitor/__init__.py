"""Watches the services, PostgreSQL and the disks."""
