import axeCore from "axe-core";

/** What axe finds below `container`, in short; colours need a browser. */
export async function axe(container: Element): Promise<string[]> {
  const { violations } = await axeCore.run(container, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
