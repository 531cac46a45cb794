/** The tree of units to choose from. Split off for its weight; only `UnitSelect` shows it. */
import { useQuery } from '@tanstack/react-query'
import { TreeSelect } from 'antd'
import type { CSSProperties } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listUnits } from '../../src/contract/nights.ts'
import { reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { useMay } from '../session.ts'
import { ProblemNote } from './problem.tsx'
import { Nothing } from './state.tsx'

export type UnitNode = Output<typeof listUnits>['units'][number]

interface TreeItem {
  value: string
  title: string
  children: TreeItem[]
}

export interface UnitTreeProps {
  value: string | undefined
  onChange: (code: string | undefined) => void
  label: string
  style: CSSProperties
}

export default function UnitTree({ value, onChange, label, style }: UnitTreeProps) {
  const { code } = useLanguage()
  const may = useMay()
  const units = useQuery({ ...reading(listUnits), enabled: may('pyramid.read') })
  return (
    <TreeSelect<string>
      value={value as string}
      onChange={(chosen) => onChange(chosen || undefined)}
      treeData={unitTree(units.data?.units ?? [], code === 'en')}
      placeholder={label}
      aria-label={label}
      allowClear
      showSearch={{ treeNodeFilterProp: 'title' }}
      loading={units.isLoading}
      notFoundContent={units.error ? <ProblemNote failure={units.error} /> : <Nothing />}
      treeDefaultExpandedKeys={units.data?.units.filter((unit) => !unit.parentCode).map((unit) => unit.code) ?? []}
      popupMatchSelectWidth={280}
      style={style}
    />
  )
}

function unitTree(units: UnitNode[], english: boolean): TreeItem[] {
  const items = new Map(
    units.map((unit) => [
      unit.code,
      { value: unit.code, title: (english && unit.nameEn) || unit.name, children: [] as TreeItem[] },
    ]),
  )
  const roots: TreeItem[] = []
  for (const unit of units) {
    const item = items.get(unit.code)!
    const parent = unit.parentCode ? items.get(unit.parentCode) : undefined
    ;(parent?.children ?? roots).push(item)
  }
  return roots
}
