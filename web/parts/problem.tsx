/** A refusal inside a dialog, in the reader's language. */
import { Alert } from 'antd'
import { problemFrom } from '../api.ts'
import { useLanguage } from '../language.ts'

export function ProblemNote({ failure }: { failure: unknown }) {
  const { code } = useLanguage()
  if (!failure) return null
  const problem = problemFrom(failure)
  return <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />
}
