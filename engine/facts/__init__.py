"""The engine's own facts, one module per noun, each with the appliers that turn its facts into rows."""

from engine.facts.definitions import ClockMoved, DefinitionDeployed
from engine.facts.incidents import IncidentRaised, IncidentResolved
from engine.facts.instances import (
    DatesChanged,
    InstanceAdvanced,
    InstanceEnded,
    InstanceResumed,
    InstanceStarted,
    InstanceSuspended,
)
from engine.facts.messages import (
    MessageDelivered,
    MessageExpired,
    MessageKept,
    MessageSent,
    ServiceCompleted,
    ServiceErred,
    ServiceRequested,
    SubscriptionClosed,
    SubscriptionOpened,
)
from engine.facts.migration import InstanceMigrated, SubscriptionCarried, TimerCarried, UserTaskCarried
from engine.facts.operations import (
    DueTimeChanged,
    UserTaskFreed,
    UserTaskSkipped,
    VariableCorrected,
    VariablesAssigned,
    VariablesRestored,
    WentBack,
)
from engine.facts.parties import PartiesChanged, TimerReaddressed, UserTaskMoved
from engine.facts.timers import TimerCancelled, TimerFired, TimerMoved, TimerScheduled, UserTaskTimersCancelled
from engine.facts.user_tasks import (
    UserTaskAssigned,
    UserTaskCancelled,
    UserTaskClaimed,
    UserTaskCompleted,
    UserTaskCreated,
    UserTaskReleased,
    UserTaskRescheduled,
)

__all__ = [
    "ClockMoved",
    "DatesChanged",
    "DefinitionDeployed",
    "DueTimeChanged",
    "IncidentRaised",
    "IncidentResolved",
    "InstanceAdvanced",
    "InstanceEnded",
    "InstanceMigrated",
    "InstanceResumed",
    "InstanceStarted",
    "InstanceSuspended",
    "MessageDelivered",
    "MessageExpired",
    "MessageKept",
    "MessageSent",
    "PartiesChanged",
    "ServiceCompleted",
    "ServiceErred",
    "ServiceRequested",
    "SubscriptionCarried",
    "SubscriptionClosed",
    "SubscriptionOpened",
    "TimerCancelled",
    "TimerCarried",
    "TimerFired",
    "TimerMoved",
    "TimerReaddressed",
    "TimerScheduled",
    "UserTaskAssigned",
    "UserTaskCancelled",
    "UserTaskCarried",
    "UserTaskClaimed",
    "UserTaskCompleted",
    "UserTaskCreated",
    "UserTaskFreed",
    "UserTaskMoved",
    "UserTaskReleased",
    "UserTaskRescheduled",
    "UserTaskSkipped",
    "UserTaskTimersCancelled",
    "VariableCorrected",
    "VariablesAssigned",
    "VariablesRestored",
    "WentBack",
]
