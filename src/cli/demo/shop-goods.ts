/** What the demo's shop sells, in won. Nothing here is real. */
export const goods = [
  { item: 'tea-green-50g', won: 9_800 },
  { item: 'tea-barley-1kg', won: 6_500 },
  { item: 'kimchi-500g', won: 7_900 },
  { item: 'gochujang-1kg', won: 8_400 },
  { item: 'rice-cake-600g', won: 4_200 },
  { item: 'seaweed-12pk', won: 5_600 },
  { item: 'honey-citron-1kg', won: 12_900 },
  { item: 'pear-box-5kg', won: 38_000 },
  { item: 'bowl-white-15cm', won: 18_000 },
  { item: 'bowl-celadon-12cm', won: 42_000 },
  { item: 'spoon-set-brass', won: 29_500 },
  { item: 'blanket-wool', won: 79_000 },
  { item: 'lamp-paper', won: 54_000 },
  { item: 'notebook-hanji', won: 11_000 },
  { item: 'ink-black-50ml', won: 15_500 },
  { item: 'umbrella-blue', won: 23_000 },
] as const

export const cities = [
  'Seoul',
  'Busan',
  'Daegu',
  'Incheon',
  'Gwangju',
  'Jeju',
  'Richmond',
  'Norfolk',
] as const
