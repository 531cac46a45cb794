/** A secret that is shown this once: a password, a key's token, recovery codes. */
import { Alert, Typography } from 'antd'

interface OnceProps {
  /** What it is and what to do with it. */
  hint: string
  /** Line by line when there are several. */
  secrets: readonly string[]
  label: string
}

export function Once({ hint, secrets, label }: OnceProps) {
  return (
    <div className="stack">
      <Alert type="warning" showIcon title={hint} />
      <section className="once" aria-label={label}>
        <div className={secrets.length > 1 ? 'once-many' : ''}>
          {secrets.map((secret) => (
            <code key={secret} className="breakable">
              {secret}
            </code>
          ))}
        </div>
        <Typography.Text copyable={{ text: secrets.join('\n') }} />
      </section>
    </div>
  )
}
