/** How PostgreSQL's values arrive: int8 as bigint, date as 'YYYY-MM-DD', numeric as text; never a float for money. */
import pg from 'pg'

const asText = (text: string) => text

function typesWith(int8: (text: string) => unknown): pg.CustomTypesConfig {
  const { INT8, DATE, NUMERIC } = pg.types.builtins
  const getTypeParser = (oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === INT8) return int8
      if (oid === DATE || oid === NUMERIC) return asText
    }
    return pg.types.getTypeParser(oid, format)
  }
  return { getTypeParser: getTypeParser as typeof pg.types.getTypeParser }
}

export const types = typesWith(BigInt)

/** The same with int8 as decimal text, for answers that only hand amounts on: a page of a list has over a thousand. */
export const typesAsText = typesWith(asText)
