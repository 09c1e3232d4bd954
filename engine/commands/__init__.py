"""The engine's commands, one module per noun. Importing this package registers every handler."""

from engine.commands import (
    clock,
    deployments,
    incidents,
    instances,
    kept_messages,
    messages,
    migration,
    operations,
    parties,
    services,
    timers,
    user_tasks,
)

__all__ = [
    "clock",
    "deployments",
    "incidents",
    "instances",
    "kept_messages",
    "messages",
    "migration",
    "operations",
    "parties",
    "services",
    "timers",
    "user_tasks",
]
