/** The person signed in: rights, language, shortcuts. */
import { SafetyOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Segmented } from 'antd'
import { switchLanguage, useLanguage } from '../language.ts'
import type { LanguageCode } from '../language-packs.ts'
import { Fact, Facts, Page, Panel } from '../parts/page.tsx'
import { useMe } from '../session.ts'
import { usePosts } from '../unit-names.ts'

export default function Profile() {
  const { copy, code } = useLanguage()
  const words = copy.profile
  const me = useMe()
  const posts = usePosts()
  return (
    <Page title={words.title} aside={me.displayName}>
      <div className="grid">
        <div className="span-7 stack">
          <Panel
            title={words.who}
            extra={
              <Link to="/my-security" title={copy.mySecurity.open}>
                <SafetyOutlined /> {copy.mySecurity.title}
              </Link>
            }
          >
            <Facts>
              <Fact name={words.name}>{me.name}</Fact>
              <Fact name={words.posts}>{posts.join(copy.common.semicolon)}</Fact>
              <Fact name={words.scope}>{words.scopes[me.customers]}</Fact>
              <Fact name={words.permissions}>
                <span className="row">
                  {me.permissions.map((permission) => (
                    <span key={permission} className="tag">
                      {copy.permissions[permission]}
                    </span>
                  ))}
                </span>
              </Fact>
              <Fact name={words.language}>
                <Segmented<LanguageCode>
                  value={code}
                  onChange={switchLanguage}
                  options={[
                    { value: 'zh-CN', label: '中文' },
                    { value: 'en', label: 'English' },
                  ]}
                  aria-label={words.language}
                />
              </Fact>
              <Fact name={words.version}>{me.version}</Fact>
            </Facts>
          </Panel>
        </div>
        <div className="span-5 stack">
          <Panel title={words.shortcuts}>
            <Facts>
              {words.keysList.map(([key, what]) => (
                <Fact key={key} name={<kbd>{key}</kbd>}>
                  {what}
                </Fact>
              ))}
            </Facts>
          </Panel>
        </div>
      </div>
    </Page>
  )
}
