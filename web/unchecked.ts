/**
 * Stands for zod in the built page (vite.config.ts): the page reads the contract for its addresses and its types, and the
 * server alone checks. Every schema is the same value, and whatever is asked of it answers with itself.
 */
const schema: unknown = new Proxy(() => schema, { get: () => schema, apply: () => schema })

export { schema as z }
