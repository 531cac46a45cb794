/** The name of a unit in the reader's language, in a cell or a line. */
import { useUnitName } from '../unit-names.ts'

export function UnitName({ unit }: { unit: { code: string; name: string } }) {
  return useUnitName()(unit)
}
