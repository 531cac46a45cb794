/** How long a text must be at least, said under its field, so that a button that waits for it is not grey for no reason. */
import { useCopy } from '../language.ts'

interface LengthHintProps {
  /** What the field names in its `aria-describedby`. */
  id: string
  text: string
  lengthMin: number
}

export function LengthHint({ id, text, lengthMin }: LengthHintProps) {
  const words = useCopy().common
  return (
    <p id={id} className="quiet">
      {words.lengthMin(lengthMin, Math.max(lengthMin - text.trim().length, 0))}
    </p>
  )
}

/** Whether a text is as long as the hint asks for, counted as the server counts: without blanks around it. */
export function isLongEnough(text: string, lengthMin: number): boolean {
  return text.trim().length >= lengthMin
}
