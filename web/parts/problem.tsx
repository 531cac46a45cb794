/** A refusal in the reader's language: inside a dialog or a panel, or passing by where there is no place for it. */
import { Alert, App } from 'antd'
import { problemFrom } from '../api.ts'
import { useLanguage } from '../language.ts'
import type { LanguageCode } from '../language-packs.ts'

export function ProblemNote({ failure }: { failure: unknown }) {
  const { code } = useLanguage()
  if (!failure) return null
  return <Alert type="error" showIcon title={detailOf(failure, code)} />
}

/** Says what came in the way of an act that has no dialog of its own. */
export function useRefusal(): (failure: unknown) => void {
  const { code } = useLanguage()
  const { message } = App.useApp()
  return (failure) => message.error(detailOf(failure, code))
}

export function detailOf(failure: unknown, code: LanguageCode): string {
  const problem = problemFrom(failure)
  return code === 'en' ? problem.detailEn : problem.detail
}
