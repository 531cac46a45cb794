/** The organisation tree: customers and assets of each unit with everything below it, and how its tiers are mixed. */
import { EditOutlined, SearchOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Input, type InputRef, Table, type TableColumnsType } from 'antd'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { listUnits } from '../../src/contract/nights.ts'
import { readingOn } from '../api.ts'
import type { Copy } from '../copy/zh-CN.ts'
import type { ListSearch } from '../customer-search.ts'
import { countText, partOf, percentText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { DayField } from '../parts/day-field.tsx'
import { Dash, Money } from '../parts/figures.tsx'
import { Page } from '../parts/page.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import type { UnitNode } from '../parts/unit-tree.tsx'
import { useMay, useSchemeFilter, useTierName } from '../session.ts'
import { tierLook } from '../theme.ts'

const UnitChangeDialog = lazy(() => import('../parts/unit-change.tsx'))

interface Node extends UnitNode {
  children?: Node[]
}

export default function Units() {
  const { copy, code } = useLanguage()
  const may = useMay()
  const navigate = useNavigate()
  const { day } = useSearch({ from: '/desk/units' })
  const units = useQuery(readingOn(listUnits, { query: day === undefined ? {} : { day } }))
  const [changing, setChanging] = useState(false)
  const field = useRef<InputRef>(null)
  const [wanted, setWanted] = useState('')
  const [open, setOpen] = useState<readonly string[] | undefined>(undefined)
  const all = units.data?.units ?? []
  const actions = [
    { key: '/', label: copy.units.filter, run: () => field.current?.focus(), panelOnly: true },
    { key: 'E', label: copy.units.expandAll, run: () => setOpen(all.map((unit) => unit.code)) },
    { key: 'C', label: copy.units.collapseAll, run: () => setOpen([]) },
    ...(may('units.manage')
      ? [{ key: 'N', label: copy.tree.change, icon: <EditOutlined />, run: () => setChanging(true) }]
      : []),
  ]
  return (
    <Page title={copy.units.title} needs="pyramid.read" actions={actions} aside={units.data?.night?.day}>
      <div className="filters">
        <Input
          ref={field}
          allowClear
          prefix={<SearchOutlined />}
          suffix={wanted ? undefined : <kbd>/</kbd>}
          placeholder={copy.units.filter}
          aria-label={copy.units.filter}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <DayField
          label={copy.tree.day}
          value={day}
          onChange={(chosen) => navigate({ to: '/units', search: chosen ? { day: chosen } : {}, replace: true })}
          allowClear
        />
      </div>
      <Answered query={units} rows={12}>
        {(answer) => (
          <Tree
            units={answer.units}
            wanted={wanted.trim().toLowerCase()}
            english={code === 'en'}
            open={open}
            onOpen={setOpen}
          />
        )}
      </Answered>
      <Suspense>{changing && <UnitChangeDialog onClose={() => setChanging(false)} />}</Suspense>
    </Page>
  )
}

interface TreeProps {
  units: UnitNode[]
  wanted: string
  english: boolean
  open: readonly string[] | undefined
  onOpen: (open: readonly string[]) => void
}

function Tree({ units, wanted, english, open, onOpen }: TreeProps) {
  const { copy } = useLanguage()
  const may = useMay()
  const roots = useMemo(() => treeOf(units, wanted), [units, wanted])
  const whole = units.filter((unit) => !unit.parentCode).reduce((sum, unit) => sum + BigInt(unit.assetsFen), 0n)
  const scheme = useSchemeFilter()
  const columns = useUnitColumns(copy, english, whole, may('customers.read') ? scheme : undefined)
  const matching = wanted ? units.map((unit) => unit.code) : undefined
  const usual = units.filter((unit) => !unit.parentCode || units.length < 40).map((unit) => unit.code)
  return (
    <div className="panel panel-clip">
      <Table<Node>
        size="small"
        rowKey="code"
        columns={columns}
        dataSource={roots}
        pagination={false}
        scroll={{ x: 'max-content' }}
        aria-label={copy.units.title}
        expandable={{
          expandedRowKeys: matching ?? open ?? usual,
          onExpandedRowsChange: (keys) => onOpen(keys.map(String)),
        }}
        locale={{ emptyText: <Nothing title={copy.units.empty} /> }}
      />
    </div>
  )
}

function useUnitColumns(
  copy: Copy,
  english: boolean,
  whole: bigint,
  linked: ListSearch | undefined,
): TableColumnsType<Node> {
  const words = copy.units
  return useMemo(
    () => [
      {
        key: 'name',
        title: words.name,
        render: (_, unit) => {
          const name = (english && unit.nameEn) || unit.name
          return (
            <>
              {linked ? (
                <Link to="/customers" search={{ ...linked, unit: unit.code }} title={words.openCustomers}>
                  {name}
                </Link>
              ) : (
                name
              )}{' '}
              <span className="quiet mono">{unit.code}</span>
              {unit.closedOn && <span className="tag kind">{words.closed}</span>}
            </>
          )
        },
      },
      {
        key: 'kind',
        title: words.kind,
        render: (_, unit) => <span className="quiet">{copy.unitKinds[unit.kind]}</span>,
      },
      { key: 'staff', title: words.staff, align: 'right', render: (_, unit) => countText(unit.staff) },
      {
        key: 'customers',
        title: copy.common.customers,
        align: 'right',
        render: (_, unit) => countText(unit.customers),
      },
      {
        key: 'assets',
        title: copy.common.assets,
        align: 'right',
        render: (_, unit) => <Money fen={unit.assetsFen} as="compact" />,
      },
      {
        key: 'share',
        title: words.share,
        align: 'right',
        render: (_, unit) => percentText(partOf(unit.assetsFen, whole)),
      },
      {
        key: 'each',
        title: words.perCustomer,
        align: 'right',
        render: (_, unit) =>
          unit.customers ? (
            <Money fen={String(BigInt(unit.assetsFen) / BigInt(unit.customers))} as="compact" />
          ) : (
            <Dash />
          ),
      },
      { key: 'mix', title: words.mix, width: 210, render: (_, unit) => <Mix unit={unit} /> },
    ],
    [words, copy, english, whole, linked],
  )
}

/** Counts per tier: the upper tiers would vanish in a bar to scale, so each is named with its count. */
function Mix({ unit }: { unit: UnitNode }) {
  const name = useTierName()
  const tiers = unit.tiers.filter((row) => row.customers > 0).sort((a, b) => b.tier.ordinal - a.tier.ordinal)
  return (
    <span className="mix-counts">
      {tiers.map((row) => (
        <span key={row.tier.ordinal} title={`${name(row.tier)} ${countText(row.customers)}`}>
          <i style={{ background: tierLook(row.tier.ordinal, row.tier.code).solid }} aria-hidden />
          <span className="sr">{name(row.tier)}</span>
          {countText(row.customers)}
        </span>
      ))}
    </span>
  )
}

/** The forest of the units that match, with everything above them. */
function treeOf(units: UnitNode[], wanted: string): Node[] {
  const nodes = new Map<string, Node>(units.map((unit) => [unit.code, { ...unit }]))
  const kept = new Set<string>()
  for (const unit of units) {
    if (!`${unit.name} ${unit.nameEn ?? ''} ${unit.code}`.toLowerCase().includes(wanted)) continue
    for (let at: Node | undefined = nodes.get(unit.code); at && !kept.has(at.code); at = nodes.get(at.parentCode ?? ''))
      kept.add(at.code)
  }
  const roots: Node[] = []
  for (const unit of units) {
    if (!kept.has(unit.code)) continue
    const node = nodes.get(unit.code)!
    const parent = nodes.get(unit.parentCode ?? '')
    if (!parent) roots.push(node)
    else if (parent.children) parent.children.push(node)
    else parent.children = [node]
  }
  return roots
}
