/** Which version of a policy counts on a day; the record and the desk ask alike. */

/**
 * The order, as SQL, that puts the version in force on `day` (an SQL expression) first: the newest whose `in_force_from`
 * has come, else the newest. Over the columns of table `policy`, drafts left out by the caller.
 */
export function inForceFirst(day: string): string {
  return `(in_force_from is null or in_force_from <= ${day}) desc,
    case when in_force_from <= ${day} then in_force_from end desc nulls last, version desc`
}
