/** Where the page starts: the language first, then the session, then the route. */
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { App, ConfigProvider } from 'antd'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './api.ts'
import { preferredLanguage, switchLanguage, useLanguage } from './language.ts'
import { router } from './routes.tsx'
import { sessionQuery } from './session.ts'
import './style.css'
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

// Asked for while the language and the route are still on their way
queries.prefetchQuery(sessionQuery)
await switchLanguage(preferredLanguage())
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Root />
  </StrictMode>,
)
