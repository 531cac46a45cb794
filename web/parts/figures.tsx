/** Amounts, tiers, days and shares as people read them. */
import { Tooltip } from 'antd'
import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react'
import type { TierRef } from '../../src/contract/common.ts'
import { present } from '../../src/kit/assert.ts'
import type { Copy } from '../copy/zh-CN.ts'
import { amountText, compactText, instantText, wholeText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { useMe, useTierName } from '../session.ts'
import { tierLook } from '../theme.ts'

interface MoneyProps {
  fen: string | null | undefined
  /** 'full' ¥1,234,567.89 · 'whole' 1,234,567 · 'compact' 123.4万 */
  as?: 'full' | 'whole' | 'compact'
  /** A plus before what rises; colours by direction. */
  signed?: boolean
}

const symbols: Record<string, string> = { CNY: '¥', USD: '$', EUR: '€', HKD: 'HK$', GBP: '£', JPY: '¥' }

/** An amount of the base currency. Shorter forms carry the full one in their title. */
export function Money({ fen, as = 'full', signed = false }: MoneyProps) {
  const write = useMoney()
  if (fen === null || fen === undefined) return <span className="quiet">—</span>
  const value = BigInt(fen)
  const plus = signed && value > 0n ? '+' : ''
  const colour = signed && value !== 0n ? (value > 0n ? ' rise' : ' fall') : ''
  return (
    <span className={`money${colour}`} title={as === 'full' ? undefined : write(fen, 'full')}>
      {plus}
      {write(fen, as)}
    </span>
  )
}

type WriteMoney = (fen: string | bigint, as?: MoneyProps['as']) => string

interface Words {
  money: WriteMoney
  tier: ReturnType<typeof useTierName>
}

// Found once for the page: a list shows hundreds of amounts and tiers, and each looking up session and policy by itself
// took most of a frame.
const WordsContext = createContext<Words | undefined>(undefined)

/** What amounts and tiers are written with. Around everything that shows them. */
export function FiguresProvider({ children }: { children: ReactNode }) {
  const { code } = useLanguage()
  const { baseDecimals, baseCurrency } = useMe()
  const tier = useTierName()
  const money: WriteMoney = useCallback(
    (fen, as = 'full') => {
      if (as === 'whole') return wholeText(fen, baseDecimals)
      const symbol = symbols[baseCurrency] ?? `${baseCurrency} `
      const text = as === 'compact' ? compactText(fen, baseDecimals, code) : amountText(fen, baseDecimals)
      return text.startsWith('−') ? `−${symbol}${text.slice(1)}` : `${symbol}${text}`
    },
    [baseDecimals, baseCurrency, code],
  )
  const words = useMemo(() => ({ money, tier }), [money, tier])
  return <WordsContext value={words}>{children}</WordsContext>
}

function useWords(): Words {
  return present(useContext(WordsContext), 'a FiguresProvider around it')
}

/** Writes amounts of the base currency in the language in use. */
export function useMoney(): WriteMoney {
  return useWords().money
}

/** The badge of a tier. */
export function Tier({ tier, quiet = false }: { tier: TierRef | null | undefined; quiet?: boolean }) {
  const name = useWords().tier
  if (!tier) return <span className="quiet">—</span>
  const look = tierLook(tier.ordinal, tier.code)
  const style = quiet
    ? { color: look.text === '#f4e9cd' ? '#16232b' : look.text }
    : { color: look.text, background: look.ground, borderColor: look.edge }
  return (
    <span className={quiet ? 'tier tier-quiet' : 'tier'} style={style}>
      {name(tier)}
    </span>
  )
}

/** Confidence 0 to 100 as a small bar with its figure. */
export function Confidence({ value, gaps }: { value: number; gaps?: string[] }) {
  const copy = useCopy()
  const tone = value >= 95 ? 'good' : value >= 80 ? 'warn' : 'bad'
  const shown = (
    <span className={`confidence ${tone}`}>
      <span className="confidence-bar" aria-hidden>
        <span style={{ width: `${value}%` }} />
      </span>
      {value}
    </span>
  )
  if (!gaps?.length) return shown
  return <Tooltip title={gaps.map((gap) => gapText(gap, copy)).join(' · ')}>{shown}</Tooltip>
}

export function Instant({ at }: { at: string | null | undefined }) {
  return at ? <time dateTime={at}>{instantText(at)}</time> : <span className="quiet">—</span>
}

export function Dash() {
  return <span className="quiet">—</span>
}

/** 'missing:phone' in words. */
function gapText(gap: string, copy: Copy): string {
  const [kind = '', detail = ''] = gap.split(':')
  return copy.gaps[kind]?.(copy.columns[detail] ?? detail) ?? gap
}
