/** A faint mark over the page with who looks at it and when: a photograph of the screen says where it came from. */
import { Watermark } from 'antd'
import dayjs from 'dayjs'
import { useEffect, useState } from 'react'
import { useMe } from '../session.ts'

const minuteMs = 60_000

export function Marks() {
  const me = useMe()
  const [at, setAt] = useState(timeText)
  useEffect(() => {
    const timer = setInterval(() => setAt(timeText()), minuteMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <div className="marks" aria-hidden data-mark={`${me.name} ${at}`}>
      <Watermark
        content={[`${me.displayName} ${me.name}`, at]}
        font={{ color: 'rgba(15, 40, 50, 0.055)', fontSize: 13 }}
        gap={[150, 130]}
      >
        <div className="marks-area" />
      </Watermark>
    </div>
  )
}

function timeText(): string {
  return dayjs().format('YYYY-MM-DD HH:mm')
}
