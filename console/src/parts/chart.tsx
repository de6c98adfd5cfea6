import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import { instant } from './format.ts'
import type { Sample } from './series.ts'

type ChartProps = {
  readonly label: string
  readonly samples: readonly Sample[]
  readonly as: (value: number) => string
  /** What of time is drawn, in milliseconds; null: what the samples span. */
  readonly span?: readonly [from: number, to: number] | null
  readonly height?: number
}

/** One figure over time. Where it was not known the line has a gap. */
export function Chart({ label, samples, as, span = null, height = 180 }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | null>(null)
  const shown = useRef(span)
  shown.current = span
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn changes below, the chart itself stays
  useEffect(() => {
    const element = box.current!
    const chart = new UPlot(
      { ...optionsOf(label, as, shown), width: element.clientWidth, height },
      [[], []],
      element,
    )
    plot.current = chart
    const watcher = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      chart.destroy()
    }
  }, [label, height])
  useEffect(() => {
    plot.current?.setData([samples.map(({ at }) => at / 1_000), samples.map(({ value }) => value)])
  }, [samples])
  const last = samples.findLast(({ value }) => value !== null)?.value ?? null
  return (
    <div className="chart">
      <div
        ref={box}
        role="img"
        aria-label={`${label}: ${last === null ? 'nothing known' : `now ${as(last)}`}`}
      />
    </div>
  )
}

function optionsOf(
  label: string,
  as: (value: number) => string,
  span: { readonly current: readonly [number, number] | null },
): Omit<UPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => resolved(style.getPropertyValue(name))
  const axis = {
    stroke: colour('--text-soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: {
        range: (_, min, max) => {
          const [from, to] = span.current ?? []
          if (from !== undefined && to !== undefined) return [from / 1_000, to / 1_000]
          return [Math.min(min, max - WINDOW_MIN_S), max]
        },
      },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, values: (_, times) => times.map(times.at(-1)! - times[0]! > DAY_S ? dayClock : clock) },
      { ...axis, size: 76, values: (_, values) => values.map((value) => as(value)) },
    ],
    series: [
      { label: 'At', value: (_, time: number | null) => (time === null ? '–' : instant(time * 1_000)) },
      {
        label,
        stroke: colour('--accent'),
        fill: colour('--accent-ground'),
        width: 2,
        points: { show: false },
        value: (_, value: number | null) => (value === null ? '–' : as(value)),
      },
    ],
  }
}

/** Less than this is drawn as a part of it. */
const WINDOW_MIN_S = 60

const DAY_S = 24 * 60 * 60

const dayFormat = new Intl.DateTimeFormat('en', {
  ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false },
})

function dayClock(seconds: number): string {
  return dayFormat.format(seconds * 1_000)
}

const clockFormat = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hour12: false })

function clock(seconds: number): string {
  return clockFormat.format(seconds * 1_000)
}

/** A canvas knows no variables and no light-dark(): the browser is asked what colour that is. */
function resolved(text: string): string {
  const probe = document.createElement('span')
  probe.style.color = text
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
