/** The fields of a customer, left on the page: identity (masked), relationship, assets by class, flags. */

import type { readCustomer } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { partOf, percentText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { Confidence, Dash, Money } from './figures.tsx'
import { Fact, Facts, Panel } from './page.tsx'
import { Reveal } from './reveal.tsx'
import { UnitName } from './unit-name.tsx'

type Customer = Output<typeof readCustomer>

const classes = [
  ['deposit', 'depositFen'],
  ['wealth', 'wealthFen'],
  ['fund', 'fundFen'],
  ['insurance', 'insuranceFen'],
  ['bond', 'bondFen'],
  ['metal', 'metalFen'],
  ['securities', 'securitiesFen'],
  ['transit', 'transitFen'],
] as const

export function Fields({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const words = copy.customer
  return (
    <>
      <Panel title={words.identity} extra={<span className="quiet">{words.masked}</span>}>
        <Identity customer={customer} />
        {customer.missing.length > 0 && (
          <p className="note note-warn gap">
            {words.missing(customer.missing.map((column) => copy.columns[column] ?? column).join(copy.common.comma))}
          </p>
        )}
      </Panel>
      <Panel title={words.relationship}>
        <Relationship customer={customer} />
      </Panel>
      <Mix customer={customer} />
    </>
  )
}

const contacts = ['phone', 'email', 'address'] as const

function Identity({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const words = copy.customer
  const { no, valid } = customer.identity
  return (
    <Facts>
      <Fact name={copy.customers.kind}>{copy.kinds[customer.kind]}</Fact>
      {customer.kind === 'person' && (
        <Fact name={copy.customers.name}>
          {customer.erasedAt ? (
            copy.privacy.erasedName
          ) : (
            <Reveal customerNo={customer.customerNo} field="name" name={copy.reveal.name}>
              {customer.name}
            </Reveal>
          )}
        </Fact>
      )}
      <Fact name={words.identityNo}>
        {no && (
          <>
            <Reveal customerNo={customer.customerNo} field="identityNo" name={words.identityNo}>
              <span className="mono">{no}</span>
            </Reveal>{' '}
            {valid !== null && (
              <span className={valid ? 'tag tag-good' : 'tag tag-bad'}>{valid ? words.valid : words.invalid}</span>
            )}
          </>
        )}
      </Fact>
      {contacts.map((field) => (
        <Fact key={field} name={words[field]}>
          {customer[field] && (
            <Reveal customerNo={customer.customerNo} field={field} name={words[field]}>
              <span className={field === 'phone' ? 'mono' : ''}>{customer[field]}</span>
            </Reveal>
          )}
        </Fact>
      ))}
      {customer.kind === 'company' ? (
        <Fact name={words.industry}>{customer.industry}</Fact>
      ) : (
        <>
          <Fact name={words.sex}>{customer.sex && words.sexes[customer.sex]}</Fact>
          <Fact name={words.age}>{customer.age !== null ? words.years(customer.age) : null}</Fact>
          <Fact name={words.occupation}>{customer.occupation}</Fact>
          <Fact name={words.income}>
            <Money fen={customer.annualIncomeFen} as="whole" />
          </Fact>
        </>
      )}
      {!customer.erasedAt && (
        <Fact name={words.quality}>
          <Confidence value={customer.quality} />
        </Fact>
      )}
    </Facts>
  )
}

function Relationship({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const words = copy.customer
  return (
    <Facts>
      <Fact name={words.unit}>
        <UnitName unit={customer.unit} />
      </Fact>
      <Fact name={words.rm}>{customer.rm?.name}</Fact>
      <Fact name={words.opened}>{customer.openedOn}</Fact>
      {customer.closedOn && <Fact name={words.closed}>{customer.closedOn}</Fact>}
      {customer.otherNumbers.length > 0 && (
        <Fact name={words.otherNumbers}>{customer.otherNumbers.join(copy.common.comma)}</Fact>
      )}
      {customer.flags.length > 0 && (
        <Fact name={words.flags}>
          <span className="row">
            {customer.flags.map((flag) => (
              <span
                key={`${flag.kind} ${flag.fromDay}`}
                className="tag tag-warn"
                title={`${flag.fromDay} – ${flag.toDay}`}
              >
                {words.flagNames[flag.kind] ?? flag.kind}
              </span>
            ))}
          </span>
        </Fact>
      )}
    </Facts>
  )
}

/** Assets of the day by class. */
function Mix({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const { figures } = customer
  if (!figures || figures.aumFen === null) return null
  const shown = classes.filter(([, field]) => figures[field] !== '0')
  return (
    <Panel
      title={copy.customers.aum}
      extra={
        <b>
          <Money fen={figures.aumFen} />
        </b>
      }
    >
      <div className="mix">
        {shown.map(([name, field]) => {
          const part = partOf(figures[field] ?? '0', figures.aumFen ?? '0')
          return (
            <div key={name} className="mix-row">
              <span>{copy.classes[name]}</span>
              <span className="meter" aria-hidden>
                <span style={{ width: `${Math.min(100, Math.max(0, part * 100))}%` }} />
              </span>
              <Money fen={figures[field]} as="compact" />
              <span className="quiet right">{percentText(part, 0)}</span>
            </div>
          )
        })}
        {shown.length === 0 && <Dash />}
        {figures.overdraftFen !== '0' && (
          <div className="mix-row">
            <span className="bad">{copy.customers.overdraft}</span>
            <span />
            <Money fen={figures.overdraftFen} as="compact" />
            <span />
          </div>
        )}
      </div>
    </Panel>
  )
}
