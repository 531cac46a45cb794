/**
 * The look: one set of design tokens for antd, charts and our own style sheet. Deep ink-teal as the only accent; the
 * tiers have their own colours and nothing else uses them. Every text colour has at least 4.5:1 on what it stands on.
 */
import type { ThemeConfig } from 'antd'

export const ink = {
  text: '#16232b',
  quiet: '#51616c',
  line: '#dde4e8',
  ground: '#f3f6f7',
  panel: '#ffffff',
  accent: '#0d6474',
  accentDark: '#10323f',
  accentSoft: '#e6f1f3',
  good: '#1b7a4b',
  warn: '#9a5b00',
  bad: '#b3261e',
} as const

export interface TierLook {
  /** Badge text, badge ground, and the solid colour in charts. */
  text: string
  ground: string
  edge: string
  solid: string
}

const looks: Record<string, TierLook> = {
  none: { text: '#51616c', ground: '#ffffff', edge: '#c9d3d9', solid: '#cdd6dc' },
  silver: { text: '#43525e', ground: '#edf1f4', edge: '#cfd8df', solid: '#93a4b1' },
  gold: { text: '#7a5200', ground: '#fcf3d9', edge: '#ecd796', solid: '#d9a521' },
  platinum: { text: '#3c4791', ground: '#eceefb', edge: '#cdd3f2', solid: '#6a77c4' },
  black: { text: '#f4e9cd', ground: '#1d242a', edge: '#1d242a', solid: '#222b33' },
}
const byOrdinal = ['none', 'silver', 'gold', 'platinum', 'black']

/** The look of a tier by its code; a bank's own codes take the look of the same place in the order. */
export function tierLook(ordinal: number, code?: string): TierLook {
  return looks[code ?? ''] ?? looks[byOrdinal[Math.min(ordinal, 4)] ?? 'none'] ?? looks.none!
}

export const fontFamily =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'

export const theme: ThemeConfig = {
  token: {
    colorPrimary: ink.accent,
    colorInfo: ink.accent,
    colorLink: ink.accent,
    colorSuccess: ink.good,
    colorWarning: ink.warn,
    colorError: ink.bad,
    colorText: ink.text,
    colorTextSecondary: ink.quiet,
    colorTextTertiary: ink.quiet,
    colorTextDescription: ink.quiet,
    colorTextPlaceholder: '#66757f',
    colorTextDisabled: '#66757f',
    colorBorder: '#c4cfd5',
    colorBorderSecondary: ink.line,
    colorBgLayout: ink.ground,
    borderRadius: 5,
    fontSize: 13,
    fontFamily,
    controlHeight: 30,
    controlHeightSM: 24,
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.16s',
    motion: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    wireframe: false,
  },
  components: {
    Table: {
      cellPaddingBlockSM: 6,
      cellPaddingInlineSM: 10,
      headerBg: '#f7f9fa',
      headerColor: ink.quiet,
      headerSplitColor: 'transparent',
      rowHoverBg: '#f2f8f9',
      rowSelectedBg: ink.accentSoft,
      rowSelectedHoverBg: ink.accentSoft,
      cellFontSizeSM: 13,
      borderColor: '#e9eef1',
      headerSortActiveBg: '#eef3f5',
      headerSortHoverBg: '#eef3f5',
      bodySortBg: 'transparent',
    },
    Menu: { itemHeight: 34, itemBorderRadius: 5, itemSelectedBg: ink.accentSoft, itemSelectedColor: ink.accent },
    Tabs: { horizontalItemPadding: '8px 0', horizontalItemGutter: 24 },
    Layout: { headerBg: '#ffffff', siderBg: '#ffffff', bodyBg: ink.ground },
    Tag: { defaultBg: '#eef2f4', defaultColor: '#3d4c57' },
    Segmented: { itemColor: ink.quiet },
  },
}
