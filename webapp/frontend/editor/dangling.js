// References to what is not in the file (other tools' names, our lists) would be left out when it is written.

export const danglingOf = ({ references, elementsById }) => (references ?? []).filter(({ id }) => !elementsById[id]);

/** They stay, as names. */
export function keepDangling(references) {
  for (const { element, property, id } of references) {
    if (element.$descriptor.propertiesByName[property]?.isMany) element.get(property).push({ id });
    else element.set(property, { id });
  }
}
