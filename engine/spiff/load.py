"""From the stored specification to what runs: called processes are put in where they are called."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from engine.spiff.codec import decode
from engine.spiff.definitions import Definition, Element, ServiceStep, StartEvent, Step
from engine.spiff.serializer import registry

FORMAT = 1

T = TypeVar("T")


def load_definition(compiled: bytes) -> Definition:
    """What runs, restored by SpiffWorkflow's own serializer; keep it, all threads may share it.

    Shapes of a called process are known as `call:shape`, its forms as `process:form`. Raises CodecError, ValueError.
    """
    return _restored(decode(compiled))


def _restored(stored: Mapping[str, Any]) -> Definition:
    if stored["format"] != FORMAT:
        raise ValueError(f"Expected format {FORMAT} of a compiled definition, but it is {stored['format']}.")
    own = _own(stored)
    called = {process_id: _restored(inner) for process_id, inner in stored.get("called", {}).items()}
    calls = {call: called[process_id] for call, process_id in stored.get("calls", {}).items()}
    return replace(
        own,
        steps=_merged(own.steps, (_steps(*call) for call in calls.items())),
        services=_merged(own.services, (_services(*call) for call in calls.items())),
        elements=_merged(own.elements, (_elements(*call) for call in calls.items())),
        message_names=own.message_names.union(*(inner.message_names for inner in calls.values())),
        sent_messages=own.sent_messages.union(*(inner.sent_messages for inner in calls.values())),
        sent_signals=own.sent_signals.union(*(inner.sent_signals for inner in calls.values())),
        calls=MappingProxyType(calls),
        subprocess_specs=_merged(own.subprocess_specs, (_specs(*call) for call in calls.items())),
    )


def _own(stored: Mapping[str, Any]) -> Definition:
    known = registry()
    starts = tuple(StartEvent(**start) for start in stored["starts"])
    spec = known.restore(stored["spec"])
    spec.begin = next((start.element_id for start in starts if start.kind == "none"), None)
    return Definition(
        process_id=stored["process"]["id"],
        name=stored["process"]["name"],
        content_hash=stored["hash"],
        steps={step["element_id"]: _restored_step(step) for step in stored["steps"]},
        services={service["element_id"]: ServiceStep(**service) for service in stored["services"]},
        properties=MappingProxyType(stored["process"]["properties"]),
        elements={element["element_id"]: Element(**element) for element in stored["elements"]},
        message_names=frozenset(stored["messages"]),
        sent_messages=frozenset(stored["sent"]),
        sent_signals=frozenset(stored.get("signals", ())),
        calls={},
        starts=starts,
        spec=spec,
        subprocess_specs={name: known.restore(inner) for name, inner in stored["subprocess_specs"].items()},
    )


def _restored_step(stored: dict[str, Any]) -> Step:
    return Step(**{**stored, "separate_from": tuple(stored["separate_from"])})


# ── what lies behind a call ──


def _merged(own: Mapping[str, T], behind_calls: Iterable[Mapping[str, T]]) -> Mapping[str, T]:
    return MappingProxyType({name: value for each in (own, *behind_calls) for name, value in each.items()})


def _steps(call: str, inner: Definition) -> dict[str, Step]:
    return {
        f"{call}:{step.element_id}": replace(
            step, element_id=f"{call}:{step.element_id}", form=f"{inner.process_id}:{step.form}",
            separate_from=tuple(f"{call}:{other}" for other in step.separate_from),
        )
        for step in inner.steps.values()
    }  # fmt: skip


def _services(call: str, inner: Definition) -> dict[str, ServiceStep]:
    return {f"{call}:{name}": replace(step, element_id=f"{call}:{name}") for name, step in inner.services.items()}


def _elements(call: str, inner: Definition) -> dict[str, Element]:
    return {
        f"{call}:{name}": replace(element, element_id=f"{call}:{name}", properties=_properties(element, inner))
        for name, element in inner.elements.items()
    }


def _properties(element: Element, inner: Definition) -> Mapping[str, str]:
    form = element.properties.get("form")
    return {**element.properties, "form": f"{inner.process_id}:{form}"} if form else element.properties


def _specs(call: str, inner: Definition) -> dict[str, Any]:
    return {call: inner.spec, **{f"{call}:{name}": spec for name, spec in inner.subprocess_specs.items()}}
