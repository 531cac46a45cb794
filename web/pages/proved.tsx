/** Where the window of the bank's own sign-on comes back to: it tells the page that waits, and closes. */
import { CheckCircleOutlined } from '@ant-design/icons'
import { useEffect } from 'react'
import { useCopy } from '../language.ts'
import { Picture } from '../parts/state.tsx'
import { provedChannel } from '../proved.ts'

export default function Proved() {
  const copy = useCopy()
  useEffect(() => {
    document.title = `${copy.reentry.title} · ${copy.product}`
    const channel = new BroadcastChannel(provedChannel)
    channel.postMessage(true)
    channel.close()
    window.close()
  }, [copy])
  return (
    <main>
      <h1 className="skip">{copy.reentry.title}</h1>
      <Picture icon={<CheckCircleOutlined />} title={copy.entering.proved} />
    </main>
  )
}
