/** Data quality: how much of what came in is right, where it is not, and what to mend first by its effect on tiers. */

import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Select } from 'antd'
import type { EChartsOption } from 'echarts'
import { useMemo } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listFeeds } from '../../src/contract/loads.ts'
import { mendFirst, readQuality } from '../../src/contract/quality.ts'
import { reading, readingOn } from '../api.ts'
import { countText, percentText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { Chart } from '../parts/chart.tsx'
import { Money } from '../parts/figures.tsx'
import { Figure, Page, Panel } from '../parts/page.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { UnitSelect } from '../parts/unit-select.tsx'
import { useMay } from '../session.ts'
import { ink } from '../theme.ts'

type Quality = Output<typeof readQuality>
type Fault = Output<typeof mendFirst>['rows'][number]

interface Tally {
  checked: number
  passed: number
}

export default function QualityPage() {
  const { copy, code } = useLanguage()
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/quality' })
  const quality = useQuery({
    ...readingOn(readQuality, { query: { ...search, days: 180 } }),
    enabled: may('quality.read'),
  })
  const feeds = useQuery({ ...reading(listFeeds), enabled: may('loads.read') })
  const go = (change: { feed?: string | undefined; unit?: string | undefined }) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/quality', search: Object.fromEntries(next), replace: true })
  }
  const names = feeds.data?.rows.map((feed) => ({ value: feed.name, label: code === 'en' ? feed.en : feed.zh }))
  const aside = (
    <>
      <Select
        value={search.feed as string}
        onChange={(feed) => go({ feed })}
        allowClear
        placeholder={copy.quality.feed}
        aria-label={copy.quality.feed}
        popupMatchSelectWidth={false}
        style={{ minWidth: 140 }}
        options={names ?? (quality.data?.feeds ?? []).map((feed) => ({ value: feed.feed, label: feed.feed }))}
      />
      <UnitSelect value={search.unit} onChange={(unit) => go({ unit })} />
      {quality.data?.day}
    </>
  )
  return (
    <Page title={copy.quality.title} needs="quality.read" aside={aside}>
      <Answered query={quality} rows={12}>
        {(found) =>
          found.day === null ? (
            <Nothing title={copy.quality.empty} detail={copy.quality.emptyDetail} />
          ) : (
            <Scores quality={found} onFeed={(feed) => go({ feed })} />
          )
        }
      </Answered>
    </Page>
  )
}

function Scores({ quality, onFeed }: { quality: Quality; onFeed: (feed: string) => void }) {
  const copy = useCopy()
  const words = copy.quality
  return (
    <>
      <div className="figures">
        <Figure
          name={words.overall}
          value={rateText(quality.total)}
          note={`${words.checked} ${countText(quality.total.checked)}`}
        />
        {quality.dimensions.map((one) => (
          <Figure
            key={one.dimension}
            name={words.dimensions[one.dimension]}
            value={rateText(one)}
            note={`${words.failed} ${countText(one.checked - one.passed)}`}
          />
        ))}
      </div>
      <Mend />
      <div className="grid">
        <div className="span-7 stack">
          <Panel title={words.columns} flush>
            <Columns quality={quality} />
          </Panel>
        </div>
        <div className="span-5 stack">
          {quality.trend.length > 1 && <Trend quality={quality} />}
          <Panel title={words.feeds} flush>
            <SmallTable<Quality['feeds'][number]>
              label={words.feeds}
              rows={quality.feeds}
              keyOf={(row) => row.feed}
              onOpen={(row) => onFeed(row.feed)}
              columns={[
                { key: 'feed', title: words.feed, dataIndex: 'feed' },
                ...tallyColumns<Quality['feeds'][number]>(words),
              ]}
            />
          </Panel>
          {quality.units.length > 0 && (
            <Panel title={words.units} flush>
              <SmallTable<Quality['units'][number]>
                label={words.units}
                rows={quality.units}
                keyOf={(row) => row.unit.code}
                columns={[
                  { key: 'unit', title: copy.common.unit, render: (_, row) => <UnitName unit={row.unit} /> },
                  ...tallyColumns<Quality['units'][number]>(words),
                ]}
              />
            </Panel>
          )}
        </div>
      </div>
    </>
  )
}

function Mend() {
  const { copy, code } = useLanguage()
  const words = copy.quality
  const list = useQuery(readingOn(mendFirst, { query: { limit: 20 } }))
  return (
    <Panel title={words.mendFirst} extra={<span className="quiet">{copy.home.mendNote}</span>} flush>
      <Answered query={list}>
        {({ rows }) => (
          <SmallTable<Fault>
            label={words.mendFirst}
            rows={rows}
            keyOf={(row) => `${row.feed} ${row.column} ${row.fault.zh}`}
            empty={<Nothing title={copy.home.nothingToMend} />}
            columns={[
              {
                key: 'stake',
                title: words.atStake,
                align: 'right',
                render: (_, row) => <b className={row.tiersAtStake ? 'warn' : ''}>{countText(row.tiersAtStake)}</b>,
              },
              {
                key: 'fault',
                title: words.fault,
                render: (_, row) => <span className="wrap-box">{code === 'en' ? row.fault.en : row.fault.zh}</span>,
              },
              {
                key: 'where',
                title: words.column,
                render: (_, row) => <code>{row.column ? `${row.feed}.${row.column}` : row.feed}</code>,
              },
              {
                key: 'advice',
                title: words.advice,
                render: (_, row) => <span className="wrap-box">{code === 'en' ? row.advice.en : row.advice.zh}</span>,
              },
              { key: 'rows', title: words.rows, align: 'right', render: (_, row) => countText(row.rows) },
              {
                key: 'customers',
                title: words.customers,
                align: 'right',
                render: (_, row) => countText(row.customers),
              },
              {
                key: 'assets',
                title: words.assets,
                align: 'right',
                render: (_, row) => <Money fen={row.assetsFen} as="compact" />,
              },
              {
                key: 'open',
                title: '',
                render: (_, row) =>
                  row.feed === 'customers' && row.customers > 0 ? (
                    <Link to="/customers" search={{ confidenceBelow: 100 }}>
                      {words.openCustomers}
                    </Link>
                  ) : (
                    <Link to="/loads" search={{ feed: row.feed }}>
                      {words.openLoads}
                    </Link>
                  ),
              },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}

/** The worst first: a column with nothing wrong is not what one looks for. */
function Columns({ quality }: { quality: Quality }) {
  const words = useCopy().quality
  const rows = useMemo(
    () =>
      [...quality.columns].sort(
        (a, b) => b.checked - b.passed - (a.checked - a.passed) || a.feed.localeCompare(b.feed),
      ),
    [quality.columns],
  )
  return (
    <SmallTable<Quality['columns'][number]>
      label={words.columns}
      rows={rows.slice(0, 200)}
      keyOf={(row) => `${row.feed} ${row.column} ${row.dimension} ${row.day}`}
      columns={[
        { key: 'column', title: words.column, render: (_, row) => <code>{`${row.feed}.${row.column}`}</code> },
        { key: 'dimension', title: words.dimension, render: (_, row) => words.dimensions[row.dimension] },
        ...tallyColumns<Quality['columns'][number]>(words),
      ]}
    />
  )
}

function tallyColumns<Row extends Tally>(words: { rate: string; failed: string; checked: string }) {
  return [
    {
      key: 'rate',
      title: words.rate,
      align: 'right' as const,
      render: (_: unknown, row: Row) => (
        <b className={row.passed === row.checked ? 'good' : row.passed / row.checked < 0.98 ? 'bad' : 'warn'}>
          {rateText(row)}
        </b>
      ),
    },
    {
      key: 'failed',
      title: words.failed,
      align: 'right' as const,
      render: (_: unknown, row: Row) => countText(row.checked - row.passed),
    },
    {
      key: 'checked',
      title: words.checked,
      align: 'right' as const,
      render: (_: unknown, row: Row) => countText(row.checked),
    },
  ]
}

function Trend({ quality }: { quality: Quality }) {
  const copy = useCopy()
  const option = useMemo<EChartsOption>(
    () => ({
      grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis', valueFormatter: (value) => `${Number(value).toFixed(3)}%` },
      xAxis: {
        type: 'category',
        data: quality.trend.map((one) => one.day),
        boundaryGap: false,
        axisLabel: { color: ink.quiet },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: ink.line } },
      },
      yAxis: {
        type: 'value',
        scale: true,
        max: 100,
        axisLabel: { color: ink.quiet, formatter: '{value}%' },
        splitLine: { lineStyle: { color: '#edf1f3' } },
      },
      series: [
        {
          type: 'line',
          name: copy.quality.rate,
          data: quality.trend.map((one) => (one.checked ? (one.passed / one.checked) * 100 : 100)),
          showSymbol: quality.trend.length < 20,
          lineStyle: { color: ink.accent, width: 2 },
          itemStyle: { color: ink.accent },
          areaStyle: { color: 'rgba(13,100,116,0.08)' },
        },
      ],
    }),
    [quality.trend, copy],
  )
  return (
    <Panel title={copy.quality.trend}>
      <Chart
        option={option}
        height={180}
        label={copy.quality.trendLabel(quality.trend[0]!.day, quality.trend.at(-1)!.day)}
      />
    </Panel>
  )
}

/** Never rounded up to 100 % while something failed. */
function rateText({ checked, passed }: Tally): string {
  if (checked === 0) return '—'
  const hundredths = Math.floor((passed / checked) * 10_000)
  return percentText(hundredths / 10_000, 2)
}
