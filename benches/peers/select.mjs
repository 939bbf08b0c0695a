// Which rows are asked for.

/**
 * The families with those of their rows whose family or own name has one of the words; all without words. A word that is
 * the name of a family asks for that family alone.
 */
export function select(families, words) {
  if (words.length === 0) return families;
  return families
    .map((family) => {
      const parts = words.filter((word) => !families.some(({ name }) => name === word));
      const asked = ({ name }) => words.includes(family.name) || parts.some((part) => name.includes(part));
      return { ...family, rows: family.rows.filter(asked) };
    })
    .filter(({ rows }) => rows.length > 0);
}
