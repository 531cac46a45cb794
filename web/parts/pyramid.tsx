/** The pyramid: per tier the count and assets, its share of customers against its share of assets. */
import { Link } from '@tanstack/react-router'
import type { Output } from '../../src/contract/endpoint.ts'
import type { readPyramid } from '../../src/contract/nights.ts'
import { countText, percentText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { useSchemeFilter } from '../session.ts'
import { tierLook } from '../theme.ts'
import { Money, Tier } from './figures.tsx'

type Pyramid = Output<typeof readPyramid>

export function PyramidChart({ pyramid, linked = true }: { pyramid: Pyramid; linked?: boolean }) {
  const copy = useCopy()
  const ofUnit = pyramid.unit ? { unit: pyramid.unit.code } : {}
  const scheme = useSchemeFilter()
  const others = scheme.kind === 'person' ? 'company' : 'person'
  return (
    <table className="pyramid">
      <thead>
        <tr>
          <th scope="col">{copy.common.tier}</th>
          <th scope="col" className="right">
            {copy.home.customersShare}
          </th>
          <th scope="col">{copy.home.assetsShare}</th>
          <th scope="col" className="right">
            {copy.common.customers}
          </th>
          <th scope="col" className="right">
            {copy.common.assets}
          </th>
          <th scope="col" className="right wide-only">
            {copy.home.perCustomer}
          </th>
        </tr>
      </thead>
      <tbody>
        {pyramid.tiers.map((row) => {
          const { solid } = tierLook(row.tier.ordinal, row.tier.code)
          const average = row.customers ? String(BigInt(row.assetsFen) / BigInt(row.customers)) : null
          return (
            <tr key={row.tier.ordinal}>
              <th scope="row">
                {linked ? (
                  <Link to="/customers" search={{ tier: String(row.tier.ordinal), ...ofUnit }}>
                    <Tier tier={row.tier} />
                  </Link>
                ) : (
                  <Tier tier={row.tier} />
                )}
              </th>
              <td>
                <Bar part={row.customersShare / 10_000} colour={solid} left />
              </td>
              <td>
                <Bar part={row.assetsShare / 10_000} colour={solid} />
              </td>
              <td className="right">{countText(row.customers)}</td>
              <td className="right">
                <Money fen={row.assetsFen} as="compact" />
              </td>
              <td className="right wide-only">
                <Money fen={average} as="compact" />
              </td>
            </tr>
          )
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            {linked ? (
              <Link to="/customers" search={{ ...scheme, ...ofUnit }}>
                {copy.common.total}
              </Link>
            ) : (
              copy.common.total
            )}
          </th>
          <td />
          <td />
          <td className="right">{countText(pyramid.total.customers)}</td>
          <td className="right">
            <Money fen={pyramid.total.assetsFen} as="compact" />
          </td>
          <td className="right wide-only">
            <Money
              fen={
                pyramid.total.customers
                  ? String(BigInt(pyramid.total.assetsFen) / BigInt(pyramid.total.customers))
                  : null
              }
              as="compact"
            />
          </td>
        </tr>
        {pyramid.outside > 0 && scheme.kind && (
          <tr className="pyramid-outside">
            <td colSpan={6}>
              {linked ? (
                <Link to="/customers" search={{ kind: others, ...ofUnit }}>
                  {copy.home.outside[others](countText(pyramid.outside))}
                </Link>
              ) : (
                copy.home.outside[others](countText(pyramid.outside))
              )}
            </td>
          </tr>
        )}
      </tfoot>
    </table>
  )
}

/** A bar from the middle: customers to the left, assets to the right, so that the two pyramids mirror each other. */
function Bar({ part, colour, left = false }: { part: number; colour: string; left?: boolean }) {
  return (
    <span className={left ? 'pyramid-bar pyramid-left' : 'pyramid-bar'}>
      <span
        className="pyramid-fill"
        style={{ width: `calc((100% - 48px) * ${Math.max(part, 0.004)})`, background: colour }}
      />
      <span className="pyramid-part">{percentText(part)}</span>
    </span>
  )
}
