/** The page: the language first, then the session, then the route. */
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { App, ConfigProvider } from 'antd'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './api.ts'
import { switchLanguage, useLanguage } from './language.ts'
import { preferredLanguage } from './language-packs.ts'
import { router } from './routes.tsx'
import { sessionQuery } from './session.ts'
import { theme } from './theme.ts'

/** Without it the browser takes no style that is written into the page; vite puts it into the head. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

function Root() {
  const { antd } = useLanguage()
  return (
    <ConfigProvider
      locale={antd}
      theme={theme}
      csp={{ nonce }}
      componentSize="medium"
      button={{ autoInsertSpace: false }}
    >
      <App className="strata-app">
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  )
}

// Read while the language and the route are still on their way; start.ts has asked for it
queries.prefetchQuery(sessionQuery)
// Nothing here awaits at the top: the language and the page import from the same file, and would wait for it for ever
switchLanguage(preferredLanguage()).then(() =>
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  ),
)
