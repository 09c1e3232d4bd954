"""A deployed version as moving cases sees it: what runs, what was drawn, and the same of what it calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.errors import CannotMigrate
from engine.spiff import places
from engine.spiff.definitions import Definition
from engine.spiff.drawing import Drawing
from engine.spiff.expressions import NOTHING
from engine.spiff.parse import read_drawing
from engine.spiff.places import Place

Mapped = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """A deployed version. Places of a called process are known as `call:place`, as everywhere."""

    definition: Definition
    drawing: Drawing
    calls: Mapping[str, "Version"] = field(default_factory=dict)  # by the shape that calls

    @classmethod
    def read(cls, definition: Definition, source: bytes, called: Mapping[str, bytes] = NOTHING) -> "Version":
        """`called` are drawings by their hashes. Raises InvalidDefinition, which a deployed source never does."""
        bound = {call: inner for call, inner in definition.calls.items() if inner.content_hash in called}
        calls = {call: cls.read(inner, called[inner.content_hash], called) for call, inner in bound.items()}
        return cls(definition, read_drawing(source), calls)

    def places(self) -> dict[str, Place]:
        """Every place at which a case can wait, those of called processes behind their own."""
        found = places.places_of(self.drawing)
        for call, inner in self.calls.items():
            outer = found[call].name
            for element_id, place in inner.places().items():
                here = f"{call}:{element_id}"
                found[here] = replace(place, element_id=here, name=f"{outer} › {place.name}")
        return found


def hashes_called(definition: Definition) -> set[str]:
    """Those of all processes that a version calls, and that these call."""
    return {each for inner in definition.calls.values() for each in (inner.content_hash, *hashes_called(inner))}


def proposed(old: Version, new: Version) -> dict[str, str]:
    """Each place to the one that is most likely meant."""
    found = places.proposed(old.drawing, new.drawing)
    for call, (before, after) in kept_calls(old, new, found).items():
        found.update({f"{call}:{here}": f"{found[call]}:{there}" for here, there in proposed(before, after).items()})
    return found


def inside(call: str, mapping: Mapped) -> dict[str, str]:
    """What a mapping says of the process behind a call, by its own ids; what leads out of it stays as it is."""
    here, there = f"{call}:", f"{mapping.get(call, '')}:"
    within = {before: after for before, after in mapping.items() if before.startswith(here)}
    return {before.removeprefix(here): after.removeprefix(there) for before, after in within.items()}


def faults_of(mapping: Mapped, old: Version, new: Version) -> dict[str, CannotMigrate]:
    """What is wrong with each row of a mapping that a person has filled."""
    found = places.faults_of(mapping, old.drawing, new.drawing)
    for call, (before, after) in kept_calls(old, new, mapping).items():
        faults = faults_of(inside(call, mapping), before, after)
        found.update({f"{call}:{element_id}": fault for element_id, fault in faults.items()})
    return found


def kept_calls(old: Version, new: Version, mapping: Mapped) -> dict[str, tuple[Version, Version]]:
    """The calls that stay calls of the same process, with the version that each has on both sides."""
    pairs = {call: (before, new.calls.get(mapping.get(call, ""))) for call, before in old.calls.items()}
    return {
        call: (before, after)
        for call, (before, after) in pairs.items()
        if after is not None and after.definition.process_id == before.definition.process_id
    }
