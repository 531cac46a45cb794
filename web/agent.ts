/** 'Chrome · Windows' of what a browser says about itself; what is not known stays as it was said. */

const browsers: readonly [RegExp, string][] = [
  [/MicroMessenger/, 'WeChat'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systems: readonly [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]
const shownMax = 40

export function agentText(agent: string | null): string | null {
  if (!agent) return null
  const named = [browsers, systems].map((table) => table.find(([pattern]) => pattern.test(agent))?.[1])
  return named.some(Boolean) ? named.filter(Boolean).join(' · ') : agent.slice(0, shownMax)
}
