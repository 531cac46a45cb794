/** A secret that is shown this once: a password, a key's token, recovery codes. */
import { Alert, type ModalProps, Typography } from 'antd'

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

/** How a dialog that ends by showing a secret closes: once it is shown, by its one button and in no other way. */
export function closingOf(shown: boolean, onClose: () => void): ModalProps {
  return shown ? { closable: false, footer: (_, { OkBtn }) => <OkBtn /> } : { onCancel: onClose }
}
